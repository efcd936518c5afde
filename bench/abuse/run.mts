// Runs each attack of tests/abuse against the release server beside people who use it, and prints one
// table, which is kept in bench/results/abuse.md. `run.mts NAME …` runs these alone and keeps nothing;
// `run.mts --short` takes a second for each.
import { execFileSync } from "node:child_process";
import { appendFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join, resolve } from "node:path";
import { FROM } from "../../tests/abuse/attack.ts";
import { ATTACKS } from "../../tests/abuse/attacks.ts";
import { MEMORY_MAX_MB, type Outcome, tryAttack } from "../../tests/abuse/trial.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const RATIO_MAX = 2;
const COUNTERS_SHOWN = 3;

const words = process.argv.slice(2);
const milliseconds = words.includes("--short") ? 1_000 : 5_000;
const chosen = words.filter((word) => !word.startsWith("--"));

function ratios({ quiet, attacked }: Outcome): string[] {
  if (attacked === null) return ["–", "–", "–"];
  return (["chat", "rest", "forwarding"] as const).map((what) => {
    const [before, during] = [quiet.p99[what], attacked.p99[what]];
    const times = during / before;
    const shown = `${before.toFixed(1)} → ${during.toFixed(1)} (${times.toFixed(1)})`;
    return times <= RATIO_MAX ? shown : `**${shown}**`;
  });
}

function row(name: string, what: string, outcome: Outcome): string {
  const memory = outcome.memoryMb.toFixed(0);
  const counters = outcome.risen.slice(0, COUNTERS_SHOWN).map((one) => `\`${one.replace("webrtc_chat_", "")}\``).join(" ");
  const cells = [
    `${name}: ${what}`,
    String(outcome.made),
    outcome.memoryMb <= MEMORY_MAX_MB ? memory : `**${memory}**`,
    ...ratios(outcome),
    outcome.failures.length === 0 ? "0" : `**${outcome.failures.length}**`,
    outcome.lives ? "yes" : "**no**",
    counters,
  ];
  return `| ${cells.join(" | ")} |`;
}

const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: ROOT, encoding: "utf8" }).trim();
const rows: string[] = [];
for (const attack of ATTACKS) {
  if (chosen.length > 0 && !chosen.includes(attack.name)) continue;
  const outcome = await tryAttack(attack, { milliseconds, quietMs: milliseconds });
  const made = row(attack.name, attack.what, outcome);
  console.error(made);
  if (outcome.failures.length > 0) console.error(`  ${[...new Set(outcome.failures)].slice(0, 3).join("; ")}`);
  rows.push(made);
}

const text = `# Floods, and who else is served meanwhile

\`scripts/bench abuse\` at ${commit}, ${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model}, Node ${process.versions.node}.

Each attack comes from one address (${FROM}) for ${milliseconds / 1000} s, to a server of its own with one media worker and its rate
limits on. Four people at another address chat meanwhile, some fifteen times a second each, and ask REST at every third time, and 100 packets
a second go through the SFU from one guest to another. Memory is resident memory at its highest above what it was before; at most
${MEMORY_MAX_MB} MB are allowed. Times are the 99th percentiles in ms before the attack and under it, and how many times as long that is; at most
${RATIO_MAX} is allowed. Attackers and server share the machine; attackers run at the lowest priority. Counters are those of \`/metrics\` that
rose as they do not without the attack. Values beyond their limit are bold.

| attack | attempts | memory, MB | chat | REST | forwarding | failed requests | lives | counters |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
${rows.join("\n")}
`;
console.log(text);
if (chosen.length === 0 && !words.includes("--short")) writeFileSync(join(ROOT, "bench/results/abuse.md"), text);
if (process.env["BENCH_ROWS"] !== undefined) appendFileSync(process.env["BENCH_ROWS"], `${rows.join("\n")}\n`);
