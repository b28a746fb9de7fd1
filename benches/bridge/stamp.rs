//! A packet's number as sound, which survives any G.711 and is found in whatever packets it comes out.

/// Samples of a packet.
pub(crate) const FRAME: usize = 160;

/// Samples of the pulse, and of each bit after it.
const PULSE: usize = 8;
const BITS: usize = 16;

/// The pulse is the only thing so loud.
const LOUD: i16 = 28_000;
const LOUDER_THAN_BITS: i16 = 18_000;
const BIT: i16 = 9_000;

/// Numbers begin anew after so many.
pub(crate) const NUMBERS: u16 = 4_096;

/// The sound of a number.
pub(crate) fn sound(number: u16) -> [i16; FRAME] {
    let word = (number % NUMBERS) << 4 | check(number % NUMBERS);
    std::array::from_fn(|index| match index / PULSE {
        0 => LOUD,
        bit @ 1..=BITS if word >> (bit - 1) & 1 == 1 => BIT,
        1..=BITS => -BIT,
        _ => 0,
    })
}

/// Four bits that tell a number from rubbish.
const fn check(number: u16) -> u16 {
    (number ^ (number >> 4) ^ (number >> 8) ^ 0b1010) & 15
}

/// What came out of the bridge, in order.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    tail: Vec<i16>,
    /// Where each packet begins in `tail`, and when it came, in nanoseconds.
    packets: Vec<(usize, i64)>,
}

impl Reader {
    /// Takes a packet, and gives each number that is whole by now, with the time at which its pulse plays.
    pub(crate) fn take(&mut self, at: i64, samples: impl Iterator<Item = i16>, mut found: impl FnMut(u16, i64)) {
        self.packets.push((self.tail.len(), at));
        self.tail.extend(samples);
        let mut from = 0;
        while let Some(start) = self.pulse(from) {
            let Some(word) = self.word(start) else { break };
            let number = word >> 4;
            if word & 15 == check(number) {
                found(number, self.plays(start));
                from = start + (BITS + 1) * PULSE;
            } else {
                from = start + 1;
            }
        }
        // What may still become a stamp is kept.
        let keep = self
            .pulse(from)
            .unwrap_or(self.tail.len())
            .max(from.min(self.tail.len()));
        self.tail.drain(..keep);
        self.packets.retain_mut(|(start, _)| {
            let is_kept = *start + FRAME > keep;
            *start = start.saturating_sub(keep);
            is_kept
        });
    }

    /// The first pulse from a place on.
    fn pulse(&self, from: usize) -> Option<usize> {
        let rest = self.tail.get(from..)?;
        rest.iter()
            .position(|sample| *sample > LOUDER_THAN_BITS)
            .map(|at| from + at)
    }

    /// The bits after a pulse, if all have come.
    fn word(&self, start: usize) -> Option<u16> {
        let bits = self.tail.get(start + PULSE..start + (BITS + 1) * PULSE)?;
        let bits = bits.chunks(PULSE).enumerate();
        Some(bits.fold(0, |word, (bit, samples)| {
            let is_one = samples.iter().map(|sample| i32::from(*sample)).sum::<i32>() > 0;
            word | u16::from(is_one) << bit
        }))
    }

    /// When a sample plays, if each packet plays as it comes.
    fn plays(&self, place: usize) -> i64 {
        let packet = self.packets.iter().rfind(|(start, _)| *start <= place);
        packet.map_or(0, |(start, at)| at + (place - start) as i64 * 125_000)
    }
}
