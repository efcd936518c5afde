// A choice of this person that outlives the page, where the browser lets it.
import { createCell, type Observable } from "./observable";

export interface StoredChoice<T> extends Observable<T> {
  readonly set: (value: T) => void;
}

/** One of `values`; the first of them until something else is chosen. */
export function createStoredChoice<T extends string>(
  key: string,
  values: readonly [T, ...T[]],
): StoredChoice<T> {
  const cell = createCell(read(key, values));
  return {
    ...cell,
    set: (value) => {
      try {
        localStorage.setItem(key, value);
      } catch {
        // Without storage the choice lasts until the page is left.
      }
      cell.set(value);
    },
  };
}

function read<T extends string>(key: string, values: readonly [T, ...T[]]): T {
  try {
    const stored = globalThis.localStorage?.getItem(key);
    return values.find((value) => value === stored) ?? values[0];
  } catch {
    return values[0];
  }
}
