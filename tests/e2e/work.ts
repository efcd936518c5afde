// Runs in the page: counts what keeps its main thread busy. React tells of its commits through the
// hook that its developer tools use, in production too.

export type Work = {
  /** Milliseconds since the page began. */
  at: number;
  commits: number;
  /** Components that React ran again, all commits together. */
  renders: number;
  /** Tasks of the main thread longer than 50 ms. */
  longTasks: number;
  longTasksMs: number;
  frames: number;
};

type Fiber = { tag: number; flags: number; child: Fiber | null; sibling: Fiber | null; alternate: Fiber | null };

/** Before the page's own scripts. */
export function countWork(): void {
  const work: Work = { at: 0, commits: 0, renders: 0, longTasks: 0, longTasksMs: 0, frames: 0 };
  const components = [0, 1, 11, 14, 15]; // functions, classes, forwardRef and both kinds of memo
  const PERFORMED_WORK = 1;
  const rendered = (fiber: Fiber): number => {
    const ran = (fiber.flags & PERFORMED_WORK) !== 0 && components.includes(fiber.tag);
    let count = ran ? 1 : 0;
    if (fiber.alternate !== null && fiber.child === fiber.alternate.child) return count; // nothing below
    for (let child = fiber.child; child !== null; child = child.sibling) count += rendered(child);
    return count;
  };
  const hook = {
    supportsFiber: true,
    inject: () => 1,
    onCommitFiberRoot: (_renderer: number, root: { current: Fiber }) => {
      work.commits++;
      work.renders += rendered(root.current);
    },
    onCommitFiberUnmount: () => undefined,
  };
  const tasks = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      work.longTasks++;
      work.longTasksMs += duration;
    }
  });
  tasks.observe({ type: "longtask" });
  const frame = () => {
    work.frames++;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  Object.assign(window, { __REACT_DEVTOOLS_GLOBAL_HOOK__: hook, work });
}

export function readWork(): Work {
  return { ...(window as unknown as { work: Work }).work, at: performance.now() };
}

/** What was done between two readings; `at` is the time between them. */
export function workSince(before: Work, now: Work): Work {
  const names = Object.keys(now) as (keyof Work)[];
  return Object.fromEntries(names.map((name) => [name, now[name] - before[name]])) as Work;
}
