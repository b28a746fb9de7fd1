// The daemon's clock, running on from the last time that it was told.
import { useEffect, useRef, useState } from 'react';

export function useNow(at: string): number {
  const told = useRef({ at, here: Date.now() });
  if (told.current.at !== at) told.current = { at, here: Date.now() };
  const [tick, setTick] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setTick(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return Date.parse(told.current.at) + Math.max(0, tick - told.current.here);
}
