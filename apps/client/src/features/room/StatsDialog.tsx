import { useEffect, useState } from "react";
import { useCallParts, useLive } from "~/features/call";
import type { CallMedia } from "~/media/callMedia";
import {
  compareSamples,
  type StreamNumbers,
  type StreamSample,
  sampleStream,
} from "~/media/streamStats";
import type { Source } from "~/signalling/events";
import { cx } from "~/ui/cx";
import { Modal } from "~/ui/Modal";

const EVERY_MS = 1_000;

type Row = {
  readonly key: string;
  readonly peerId: string;
  readonly source: Source;
  readonly direction: "send" | "recv";
  /** The layers that the SFU sends, such as "2 / 1". */
  readonly layers: string;
  readonly numbers: StreamNumbers;
};

type Props = { readonly open: boolean; readonly onClose: () => void };

/** Every stream of the call in numbers, for support. */
export function StatsDialog({ open, onClose }: Props) {
  return (
    <Modal title="Call statistics" open={open} onClose={onClose} wide>
      <StatsTable />
    </Modal>
  );
}

const columns = [
  "Who",
  "What",
  "kbit/s",
  "Loss",
  "Jitter",
  "RTT",
  "Delay",
  "Picture",
  "Layers",
  "Codec",
];

/** On a phone each stream is a card: who, and below it the numbers with their names. */
const rowClass =
  "border-t border-line/60 max-md:grid max-md:grid-cols-2 max-md:gap-x-6 max-md:gap-y-1 max-md:py-4";
const whoClass = "max-w-56 truncate py-1.5 pr-3 max-md:col-span-2 max-md:py-0 max-md:font-medium";
const cellClass =
  "py-1.5 pr-3 max-md:flex max-md:justify-between max-md:gap-3 max-md:p-0 max-md:before:text-ink-soft max-md:before:content-[attr(data-name)]";
function StatsTable() {
  const rows = useRows();
  const peers = useLive((call) => call.peers);
  if (rows.length === 0) return <p className="py-4 text-sm text-ink-soft">Measuring…</p>;
  return (
    <div className="overflow-x-auto">
      <table
        data-testid="statistics"
        className="w-full text-left text-sm tabular-nums max-md:block"
      >
        <thead className="max-md:sr-only">
          <tr>
            {columns.map((name) => (
              <th key={name} scope="col" className="py-2 pr-3 font-medium text-ink-soft">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="max-md:block">
          {rows.map((row) => (
            <tr key={row.key} className={rowClass}>
              {cellsOf(row, peers.get(row.peerId)?.userInfo.username).map((cell, i) => (
                <td
                  key={columns[i]}
                  data-name={columns[i]}
                  className={cx(
                    "whitespace-nowrap",
                    i === 0 ? whoClass : cellClass,
                    columns[i] === "Picture" && "max-md:col-span-2",
                  )}
                >
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function cellsOf({ source, direction, layers, numbers }: Row, name = "You"): readonly string[] {
  const { bitsPerSecond, lossPercent, jitterMs, rttMs, delayMs } = numbers;
  const { width, height, framesPerSecond } = numbers;
  const ms = (value: number | null) => (value === null ? "–" : `${value.toFixed(0)} ms`);
  const picture =
    width === null ? "–" : `${width}×${height} ${(framesPerSecond ?? 0).toFixed(0)}/s`;
  return [
    direction === "send" ? `You to ${name === "You" ? "all" : name}` : name,
    source,
    (bitsPerSecond / 1000).toFixed(0),
    `${lossPercent.toFixed(1)} %`,
    ms(jitterMs),
    ms(rttMs),
    ms(delayMs),
    picture,
    layers,
    numbers.codec ?? "–",
  ];
}

function useRows(): readonly Row[] {
  const { media } = useCallParts();
  const [rows, setRows] = useState<readonly Row[]>([]);
  useEffect(() => {
    let gone = false;
    let before: ReadonlyMap<string, StreamSample> = new Map();
    const measure = async () => {
      const { samples, rows } = await readRows(media, before);
      if (gone) return;
      before = samples;
      setRows(rows);
    };
    void measure().catch(() => {});
    const timer = setInterval(() => void measure().catch(() => {}), EVERY_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [media]);
  return rows;
}

async function readRows(media: CallMedia, before: ReadonlyMap<string, StreamSample>) {
  const samples = new Map<string, StreamSample>();
  const rows: Row[] = [];
  for (const { peerId, source, direction, report } of await media.getStats()) {
    const sample = sampleStream(report);
    if (sample === null) continue;
    const key = `${direction} ${peerId} ${source}`;
    samples.set(key, sample);
    const old = before.get(key);
    const senderRttMs = media.senderRtt(peerId) ?? 0;
    const numbers = old === undefined ? null : compareSamples(old, sample, senderRttMs);
    const sent = direction === "recv" ? media.layers(peerId, source) : null;
    const layers = sent === null ? "–" : `${sent.spatial} / ${sent.temporal}`;
    if (numbers !== null) rows.push({ key, peerId, source, direction, layers, numbers });
  }
  return { samples, rows };
}
