/** Lets so many through at once: the Engine is no faster with more than about 8 starts, and its locks can wedge under 100. */
export interface Gate {
  /** Resolves with how to leave; rejects when `signal` aborts while waiting. */
  enter(signal: AbortSignal): Promise<() => void>;
}

export function createGate(width: number): Gate {
  let inside = 0;
  const waiting: (() => void)[] = [];

  function leaveOnce(): () => void {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      inside--;
      waiting.shift()?.();
    };
  }

  return {
    enter(signal) {
      if (signal.aborted) return Promise.reject(new Error('called off'));
      if (inside < width) {
        inside++;
        return Promise.resolve(leaveOnce());
      }
      return new Promise((resolve, reject) => {
        const admit = (): void => {
          signal.removeEventListener('abort', gone);
          inside++;
          resolve(leaveOnce());
        };
        const gone = (): void => {
          const index = waiting.indexOf(admit);
          if (index >= 0) waiting.splice(index, 1);
          reject(new Error('called off'));
        };
        waiting.push(admit);
        signal.addEventListener('abort', gone, { once: true });
      });
    },
  };
}
