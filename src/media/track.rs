//! Where a stream's audio belongs in time: its timestamps smooth the arrivals, the arrivals keep its clock honest.
//!
//! The packet that the network held back least shows where the sender's clock stands against ours. The line from
//! timestamps to positions follows it by a sample or a few at packet boundaries, so that drift never costs an audible
//! jump. A line that was drawn by a late packet is put right at once: one seam bends less of the voice than a slow correction.

use super::samples;

/// A packet that is later than this by its timestamp does not belong to the line that was drawn so far.
const JUMP: i64 = 200 * samples::PER_MS as i64;

/// Nor does one that is earlier than this: what it is early by is more than the jitter of the packet that drew the line.
const EARLY: i64 = 60 * samples::PER_MS as i64;

/// How long packets without a marker must keep on being late before they are believed: one burst after a pause of the
/// network is not a jump.
const CONFIRM: i64 = 60 * samples::PER_MS as i64;

/// The least delay within such a period is the delay of the line itself; the rest is jitter.
const PERIOD: i64 = 2 * samples::RATE as i64;

/// A period has this many packets at least: the least of a few says nothing.
const PACKETS: u16 = 50;

/// What is off by no more stays as it is, because every correction bends the voice a little: 30 ms.
const SLACK: i64 = 30 * samples::PER_MS as i64;

/// What is off by more than this was not off by drift, and is corrected in large steps: 35 ms.
const FAR: i64 = 35 * samples::PER_MS as i64;

/// The steps of a correction, a packet: as far as drift needs them, and 50 ms a second with packets of 20 ms.
const SMALL_STEP: i64 = 1;
const LARGE_STEP: i64 = 8;

/// An audio packet as the track sees it.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// When, as a sample position.
    pub at: i64,
    /// Of its first sample.
    pub timestamp: u32,
    /// What its marker says.
    pub spurt: Spurt,
    /// Whether others overtook it.
    pub order: Order,
}

/// What the marker bit of an audio packet says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spurt {
    /// A talk spurt begins: the timestamp may jump.
    Begins,
    /// It goes on.
    GoesOn,
}

/// Whether a packet came in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The newest so far.
    Newest,
    /// Overtaken.
    Late,
}

/// The line from RTP timestamps to positions.
#[derive(Clone, Copy, Debug, Default)]
pub struct Track {
    line: Option<Line>,
    jumps: u32,
}

#[derive(Clone, Copy, Debug)]
struct Line {
    timestamp: u32,
    position: i64,
    late_since: Option<i64>,
    /// By how much the latest packet was too early to be believed.
    early_by: Option<i64>,
    period_end: i64,
    packets: u16,
    /// The least delay of this period.
    least: i64,
    /// And of the one before.
    least_before: Option<i64>,
}

impl Line {
    const fn from(arrival: Arrival) -> Self {
        Self {
            timestamp: arrival.timestamp,
            position: arrival.at,
            late_since: None,
            early_by: None,
            period_end: arrival.at + PERIOD,
            packets: 0,
            least: 0,
            least_before: None,
        }
    }

    fn position_of(&self, timestamp: u32) -> i64 {
        self.position + i64::from(timestamp.wrapping_sub(self.timestamp).cast_signed())
    }

    /// Notes how long after its place a packet came, and gives the step that brings the line nearer to the truth.
    fn step(&mut self, at: i64, delay: i64) -> i64 {
        self.least = self.least.min(delay);
        self.packets = self.packets.saturating_add(1);
        if at >= self.period_end && self.packets >= PACKETS {
            self.least_before = Some(self.least);
            (self.least, self.packets) = (i64::MAX, 0);
            self.period_end = at + PERIOD;
        }
        // Too early is wrong at once; too late only when a whole period was.
        let off = match self.least_before {
            Some(before) => before.min(self.least),
            None => self.least.min(0),
        };
        let step = match off.abs() {
            0..=SLACK => 0,
            whole if self.least_before.is_none() => whole,
            ..=FAR => SMALL_STEP,
            _ => LARGE_STEP,
        } * off.signum();
        self.position += step;
        self.least = self.least.saturating_sub(step);
        self.least_before = self.least_before.map(|before| before - step);
        step
    }
}

impl Track {
    /// The position of an audio packet's first sample; nothing if the packet is too far off to be placed.
    pub fn place(&mut self, arrival: Arrival) -> Option<i64> {
        let Some(line) = self.line.as_mut() else {
            self.line = Some(Line::from(arrival));
            return Some(arrival.at);
        };
        let position = line.position_of(arrival.timestamp);
        let delay = arrival.at - position;
        if arrival.order == Order::Late {
            return (-EARLY..=JUMP).contains(&delay).then_some(position);
        }
        if delay > JUMP {
            let since = *line.late_since.get_or_insert(arrival.at);
            if arrival.spurt == Spurt::GoesOn && arrival.at - since < CONFIRM {
                return None;
            }
            return Some(self.jump(arrival));
        }
        line.late_since = None;
        if delay < -EARLY {
            let is_believed = line.early_by.is_some_and(|by| (by - delay).abs() <= EARLY);
            line.early_by = Some(delay);
            if arrival.spurt == Spurt::Begins || is_believed {
                return Some(self.jump(arrival));
            }
            // The next one will tell; until then it belongs where it came.
            return Some(arrival.at);
        }
        line.early_by = None;
        // Timestamps stay close to the anchor, so that they may wrap as often as they like.
        (line.timestamp, line.position) = (arrival.timestamp, position);
        Some(position + line.step(arrival.at, delay))
    }

    /// The position of a timestamp on the line as it is; for packets that are not audio.
    pub fn position(&self, timestamp: u32) -> Option<i64> {
        self.line.map(|line| line.position_of(timestamp))
    }

    /// How often the line was drawn anew.
    pub const fn jumps(&self) -> u32 {
        self.jumps
    }

    fn jump(&mut self, arrival: Arrival) -> i64 {
        self.jumps = self.jumps.saturating_add(1);
        self.line = Some(Line::from(arrival));
        arrival.at
    }
}

#[cfg(test)]
mod tests;
