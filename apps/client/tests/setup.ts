import { cleanup } from "@testing-library/react";
import { afterEach, beforeEach, vi } from "vitest";

beforeEach(() => localStorage.clear());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

// What jsdom does not have, as quiet as possible: no behaviour under test is in here.
vi.stubGlobal("matchMedia", (query: string) => ({
  matches: query.includes("min-width"),
  media: query,
  addEventListener: () => {},
  removeEventListener: () => {},
}));
vi.stubGlobal(
  "ResizeObserver",
  class {
    observe() {}
    unobserve() {}
    disconnect() {}
  },
);
vi.stubGlobal(
  "IntersectionObserver",
  class {
    observe() {}
    disconnect() {}
  },
);
vi.stubGlobal("MediaStream", class {});
vi.stubGlobal(
  "AudioContext",
  class {
    state = "running";
    createMediaStreamSource() {
      return { connect: () => {}, disconnect: () => {} };
    }
    createAnalyser() {
      return { fftSize: 0, getFloatTimeDomainData: () => {} };
    }
  },
);
URL.createObjectURL = () => "blob:sound";
URL.revokeObjectURL = () => {};
Element.prototype.scrollTo = () => {};
Element.prototype.scrollIntoView = () => {};
Element.prototype.hasPointerCapture = () => false;
HTMLMediaElement.prototype.play = () => Promise.resolve();
