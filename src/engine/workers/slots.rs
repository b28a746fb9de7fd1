//! When which leg is due: a wheel of millisecond slots, so that a worker sleeps until the next slot that has legs.

use crate::moment::Moment;

/// Slots of the wheel; frames are at most 60 ms apart.
const WHEEL: u64 = 64;

/// The slot that a packet time of 20 ms repeats in; legs are spread over these.
pub(super) const PHASES: usize = 20;

const NANOS: u64 = 1_000_000;

/// So many legs share a slot, and a worker, before the next one is begun: to wake costs as much as to send some packets, and
/// the last of so many leaves a millisecond late. Whoever has more legs spreads them evenly.
pub(super) const TOGETHER: usize = 128;

/// How many legs have which slot of the 20 ms.
#[derive(Debug)]
pub(super) struct Phases {
    legs: [usize; PHASES],
    /// Those of this worker, which sleeps through the others'.
    first: usize,
    step: usize,
}

impl Phases {
    /// For worker `number` of `count`.
    pub(super) const fn new(number: usize, count: usize) -> Self {
        let step = match count {
            0 => 1,
            1..=PHASES => count,
            _ => PHASES,
        };
        Self {
            legs: [0; PHASES],
            first: number % step,
            step,
        }
    }

    /// The fullest slot that has room gets one more; the emptiest, if none has.
    pub(super) fn take(&mut self) -> usize {
        let own = self.legs.iter_mut().enumerate().skip(self.first).step_by(self.step);
        let chosen = own.min_by_key(|(_, legs)| {
            let is_full = **legs >= TOGETHER;
            (is_full, if is_full { **legs } else { TOGETHER - **legs })
        });
        chosen.map_or(0, |(phase, legs)| {
            *legs += 1;
            phase
        })
    }

    pub(super) fn give_back(&mut self, phase: usize) {
        if let Some(legs) = self.legs.get_mut(phase) {
            *legs = legs.saturating_sub(1);
        }
    }
}

pub(super) struct Slots {
    wheel: Vec<Vec<usize>>,
    /// The last millisecond that was looked at.
    swept: u64,
}

impl Slots {
    pub(super) fn new(now: Moment) -> Self {
        Self {
            wheel: vec![Vec::new(); WHEEL as usize],
            swept: now.nanos() / NANOS,
        }
    }

    /// Notes that a leg is due at a moment, and says when it comes up: in the first millisecond from then on that is not
    /// over. Further than the wheel reaches it comes up early, which is harmless.
    pub(super) fn put(&mut self, at: Moment, leg: usize) -> Moment {
        let at = at.nanos().div_ceil(NANOS).clamp(self.swept + 1, self.swept + WHEEL - 1);
        if let Some(slot) = self.slot(at) {
            slot.push(leg);
        }
        Moment::from_nanos(at * NANOS)
    }

    /// When to sweep next.
    pub(super) fn next(&self) -> Option<Moment> {
        let slots = self.swept + 1..self.swept + WHEEL;
        let mut filled = slots.filter(|at| {
            self.wheel
                .get((at % WHEEL) as usize)
                .is_some_and(|slot| !slot.is_empty())
        });
        filled.next().map(|at| Moment::from_nanos(at * NANOS))
    }

    /// Moves all legs that are due by now into `due`, in order.
    pub(super) fn sweep(&mut self, now: Moment, due: &mut Vec<usize>) {
        let now = now.nanos() / NANOS;
        for at in (self.swept + 1..=now).take(WHEEL as usize) {
            if let Some(slot) = self.slot(at) {
                due.append(slot);
            }
        }
        self.swept = self.swept.max(now);
    }

    fn slot(&mut self, at: u64) -> Option<&mut Vec<usize>> {
        self.wheel.get_mut((at % WHEEL) as usize)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn us(micros: u64) -> Moment {
        Moment::ZERO + Duration::from_micros(micros)
    }

    fn due(slots: &mut Slots, now: Moment) -> Vec<usize> {
        let mut due = Vec::new();
        slots.sweep(now, &mut due);
        due
    }

    #[test]
    fn legs_are_spread_over_the_slots_and_workers_share_these_out() {
        for count in 1..=5 {
            let mut load = [0; PHASES];
            for number in 0..count {
                let mut phases = Phases::new(number, count);
                for _ in 0..3_200 / count {
                    load[phases.take()] += 1;
                }
            }
            let most = load.iter().max().unwrap();
            assert!(*most <= 178, "{count} workers: {load:?}");
        }
    }

    #[test]
    fn few_legs_share_slots_and_a_gap_is_filled_first() {
        let mut phases = Phases::new(1, 2);
        let taken: Vec<_> = (0..2 * TOGETHER + 1).map(|_| phases.take()).collect();
        assert_eq!((taken[0], taken[TOGETHER], taken[2 * TOGETHER]), (1, 3, 5));
        phases.give_back(3);
        assert_eq!([phases.take(), phases.take()], [3, 5]);
    }

    #[test]
    fn a_leg_comes_up_once_in_its_slot_and_never_before() {
        let mut slots = Slots::new(us(10_500));
        slots.put(us(30_000), 1);
        slots.put(us(17_100), 2);
        assert_eq!(slots.next(), Some(us(18_000)));
        assert_eq!(due(&mut slots, us(17_999)), Vec::<usize>::new());
        assert_eq!(due(&mut slots, us(18_000)), [2]);
        assert_eq!(slots.next(), Some(us(30_000)));
        assert_eq!(due(&mut slots, us(31_000)), [1]);
        assert_eq!(slots.next(), None);
    }

    #[test]
    fn what_is_overdue_comes_up_at_the_next_millisecond() {
        let mut slots = Slots::new(us(50_000));
        slots.put(us(20_000), 3);
        assert_eq!(slots.next(), Some(us(51_000)));
    }

    #[test]
    fn what_lies_beyond_the_wheel_comes_up_early() {
        let mut slots = Slots::new(us(0));
        assert_eq!(slots.put(us(90_000), 3), us(63_000));
        assert_eq!(due(&mut slots, us(63_000)), [3]);
    }

    #[test]
    fn a_worker_that_slept_for_long_finds_every_leg_in_order() {
        let mut slots = Slots::new(us(0));
        for leg in (1..60).rev() {
            slots.put(us(leg as u64 * 1_000), leg);
        }
        assert_eq!(due(&mut slots, us(9_000_000)), (1..60).collect::<Vec<_>>());
        assert_eq!(due(&mut slots, us(9_001_000)), Vec::<usize>::new());
    }
}
