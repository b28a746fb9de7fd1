// A key that has to be held: says how far it is, and does its deed once the time is over. Held again after it was let go.
import { useEffect, useRef, useState } from 'react';

const STEP_MS = 50;

export function useHeld(key: string, ms: number, done: () => void): number {
  const [part, setPart] = useState(0);
  const latest = useRef(done);
  useEffect(() => {
    latest.current = done;
  });
  useEffect(() => {
    let timer: ReturnType<typeof setInterval> | null = null;
    const letGo = () => {
      if (timer !== null) clearInterval(timer);
      timer = null;
      setPart(0);
    };
    const pressed = (event: KeyboardEvent) => {
      // A dialog is closed by the same key: it comes first.
      const isLayered = document.querySelector('[role=dialog][aria-modal=true]') !== null;
      if (event.key !== key || event.repeat || timer !== null || isLayered) return;
      let passed = 0;
      timer = setInterval(() => {
        passed += STEP_MS;
        setPart(Math.min(1, passed / ms));
        if (passed < ms) return;
        letGo();
        latest.current();
      }, STEP_MS);
    };
    const released = (event: KeyboardEvent) => {
      if (event.key === key) letGo();
    };
    document.addEventListener('keydown', pressed);
    document.addEventListener('keyup', released);
    window.addEventListener('blur', letGo);
    return () => {
      letGo();
      document.removeEventListener('keydown', pressed);
      document.removeEventListener('keyup', released);
      window.removeEventListener('blur', letGo);
    };
  }, [key, ms]);
  return part;
}
