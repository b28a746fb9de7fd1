//! What one leg hears of another: a queue that makes a frame at every tick from packets that come when they like.
//!
//! The far ends have clocks, packet times and networks of their own. Each packet has a *spare*: how long before the tick
//! that needs it it came. The least spare of the last second is all that the queue steers by: with hardly any left it says
//! something quiet twice, with a whole step to spare it leaves something quiet out. So the delay that a bridge adds is
//! the wait for the next tick and no more, unless the network's jitter wants more. A packet that comes too late and is
//! the newest all the same moves the time line, so that nothing of it is lost; what was overtaken is.

use super::{Codec, g711, samples};
use crate::moment::Moment;

mod shared;

pub use shared::{Shared, Side};

/// What is held at most, in samples. A power of two.
const HELD: i64 = 4_096;

/// A cell without a sample; no G.711 byte stands for it.
const NOTHING: i16 = i16::MIN;

/// No packet waits longer than this for its tick: what jitter wants more is loss.
const SPARE_MAX: i64 = ms(60);

/// What a stream begins with, and what is left when something is left out.
const SPARE: i64 = ms(5);

/// With less than this the next packet may be late.
const SPARE_LOW: i64 = ms(1);

/// A packet that is off by more belongs to another time line: the sender's clock has jumped.
const FAR: i64 = ms(200);

/// The least spare of so long a time says how things stand, if there were so many packets in it.
const PERIOD: i64 = ms(1_000);
const PACKETS: u16 = 10;

/// So many periods something quiet is waited for; then it is whatever comes.
const PATIENCE: u8 = 2;

/// What is nowhere louder than this is quiet: -40 dBFS.
const QUIET: u16 = 328;

/// The time line moves in steps no shorter than this, whatever lengths the packets have.
const STEP_MIN: i64 = ms(5);

/// Over a seam the sound changes within so many samples, so that nothing clicks: 4 ms.
const SEAM: u8 = 32;

/// A piece of what somebody says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// When it came.
    pub at: Moment,
    /// Its stream.
    pub ssrc: u32,
    /// Of its first sample.
    pub timestamp: u32,
    /// How it is coded.
    pub codec: Codec,
    /// The sound.
    pub bytes: &'a [u8],
}

/// The tick that takes the next frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tick {
    /// When, by the grid that frames leave on.
    pub at: Moment,
    /// Samples of a frame.
    pub frame: u16,
}

/// Whether a frame holds sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sound {
    /// Some.
    Heard,
    /// None at all.
    Nothing,
}

/// One voice on its way to one listener.
#[derive(Clone, Debug)]
pub struct Queue {
    /// The sample at position p is in cell p modulo [`HELD`].
    cells: Box<[i16]>,
    source: Option<Source>,
    /// The position that is played next, and when, in samples of our clock.
    cursor: i64,
    due: i64,
    frame: i64,
    watch: Watch,
    seam: Seam,
}

/// The stream that is heard.
#[derive(Clone, Copy, Debug)]
struct Source {
    ssrc: u32,
    /// Where the newest packet ends: its timestamp and its position.
    stamp: u32,
    end: i64,
    /// Samples of a packet.
    length: i64,
    /// By how much the time line may move and keep packets and frames in step.
    step: i64,
}

/// The least and the most spare of the present period.
#[derive(Clone, Copy, Debug)]
struct Watch {
    since: i64,
    least: i64,
    most: i64,
    packets: u16,
    wish: Wish,
}

/// What should be done when something quiet comes, and for how many periods that has been so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Nothing,
    /// Say it twice.
    Wait {
        periods: u8,
    },
    /// Leave it out.
    Hurry {
        periods: u8,
    },
}

/// The sound that was played last, and how far it still reaches into what follows.
#[derive(Clone, Copy, Debug, Default)]
struct Seam {
    last: i16,
    from: i16,
    left: u8,
    is_sounding: bool,
}

impl Queue {
    /// A queue for whoever takes its first frame at this tick.
    pub fn new(tick: Tick) -> Self {
        let due = samples::position(tick.at);
        Self {
            cells: vec![NOTHING; HELD as usize].into_boxed_slice(),
            source: None,
            cursor: 0,
            due,
            frame: i64::from(tick.frame),
            watch: Watch::begin(due),
            seam: Seam::default(),
        }
    }

    /// Takes what came. `tick` is the next one, which has not been yet.
    pub fn put(&mut self, tick: Tick, piece: Piece<'_>) {
        self.keep_time(tick);
        let length = i64::try_from(piece.bytes.len()).unwrap_or(HELD);
        if length == 0 || length > HELD / 2 {
            return;
        }
        let arrived = samples::position(piece.at);
        let known = self.source.filter(|source| source.ssrc == piece.ssrc);
        let known = known.map(|source| (source, source.position_of(piece.timestamp)));
        let known = known.filter(|(_, at)| self.spare(*at, arrived).abs() <= FAR);
        let (source, at) = known.unwrap_or_else(|| self.begin(&piece, arrived, length));
        if at >= source.end {
            let step = step(length, self.frame);
            let stamp = piece.timestamp.wrapping_add(length as u32);
            self.source = Some(Source {
                stamp,
                end: at + length,
                length,
                step,
                ..source
            });
            self.move_line(at, arrived, step);
        }
        self.watch.note(self.spare(at, arrived));
        self.write(at, &piece);
    }

    /// Plays the frame of this tick into `frame`, as linear samples.
    pub fn take(&mut self, tick: Tick, frame: &mut [i16]) -> Sound {
        self.keep_time(tick);
        self.heed();
        let mut sound = Sound::Nothing;
        for value in frame.iter_mut() {
            let cell = self.cells.get_mut(cell(self.cursor));
            let played = cell.map_or(NOTHING, |cell| std::mem::replace(cell, NOTHING));
            *value = self.seam.play(played);
            if *value != 0 {
                sound = Sound::Heard;
            }
            self.cursor += 1;
        }
        self.due += self.frame;
        sound
    }

    /// Forgets what it holds; what comes next begins anew.
    pub fn forget(&mut self) {
        self.cells.fill(NOTHING);
        self.source = None;
    }

    /// Keeps up with the listener: frames that were left out, a packet time that changed.
    fn keep_time(&mut self, tick: Tick) {
        self.frame = i64::from(tick.frame.max(1));
        let left_out = samples::position(tick.at) - self.due;
        if left_out > 0 {
            self.pass_over(left_out);
        }
        self.due = samples::position(tick.at);
    }

    /// How long before the tick that needs it a packet came; for one that shares its frame with later ones, before the
    /// moment at which the last of them must be there if all come as regularly as they are sent. So it is the same for
    /// all packets of a regular sender.
    fn spare(&self, at: i64, arrived: i64) -> i64 {
        let (ahead, length) = (at - self.cursor, self.source.map_or(self.frame, |source| source.length));
        let alone = ahead.div_euclid(self.frame) * self.frame;
        let together = ahead - (self.frame - common(length, self.frame));
        self.due + alone.min(together) - arrived
    }

    /// Where a stream begins: as early as all its packets will be in time, and after what is left of the one before.
    fn begin(&mut self, piece: &Piece<'_>, arrived: i64, length: i64) -> (Source, i64) {
        let step = step(length, self.frame);
        let together = self.frame - common(length, self.frame);
        let wait = (arrived + SPARE + together - self.due).max(0);
        let rest = self
            .source
            .map_or(0, |source| source.end - self.cursor)
            .clamp(0, self.frame);
        let at = self.cursor + steps(wait.max(rest), step) * step;
        self.watch = Watch::begin(self.due);
        let source = Source {
            ssrc: piece.ssrc,
            stamp: piece.timestamp,
            end: at,
            length,
            step,
        };
        (source, at)
    }

    /// The newest packet has missed its tick, or has far too much time.
    fn move_line(&mut self, at: i64, arrived: i64, step: i64) {
        let spare = self.spare(at, arrived);
        if at < self.cursor {
            let late = (SPARE - spare).max(self.cursor - at);
            self.hold_back(steps(late, step) * step);
        } else if spare > SPARE_MAX {
            self.leave_out(steps(spare - SPARE_MAX, step) * step);
        }
    }

    /// Does what is wished for, if what comes next is quiet.
    fn heed(&mut self) {
        let Some(Source { step, .. }) = self.source else { return };
        self.watch.judge(self.due, step);
        let wish = self.watch.wish;
        let is_quiet = wish != Wish::Nothing && (self.cursor..self.cursor + step).all(|at| self.is_quiet(at));
        match wish {
            Wish::Wait { .. } if is_quiet => self.say_twice(step),
            Wish::Wait { periods } if periods >= PATIENCE => self.hold_back(step),
            Wish::Hurry { periods } if is_quiet || periods >= PATIENCE => self.leave_out(step),
            Wish::Nothing | Wish::Wait { .. } | Wish::Hurry { .. } => {}
        }
    }

    fn say_twice(&mut self, length: i64) {
        for at in self.cursor - length..self.cursor {
            let twin = self.cells.get(cell(at + length)).copied().unwrap_or(NOTHING);
            if let Some(cell) = self.cells.get_mut(cell(at)) {
                *cell = twin;
            }
        }
        self.hold_back(length);
    }

    /// Plays what lies before what comes next: nothing, as a rule.
    fn hold_back(&mut self, length: i64) {
        self.cursor -= length;
        self.watch = Watch::begin(self.due);
    }

    fn leave_out(&mut self, length: i64) {
        self.clear(length);
        self.cursor += length;
        self.seam.begin();
        self.watch = Watch::begin(self.due);
    }

    /// Nobody took what was to be played meanwhile.
    fn pass_over(&mut self, length: i64) {
        self.clear(length);
        self.cursor += length;
        self.due += length;
        self.seam.begin();
    }

    fn clear(&mut self, length: i64) {
        for at in self.cursor..self.cursor + length.min(HELD) {
            if let Some(cell) = self.cells.get_mut(cell(at)) {
                *cell = NOTHING;
            }
        }
    }

    fn is_quiet(&self, at: i64) -> bool {
        let cell = self.cells.get(cell(at)).copied().unwrap_or(NOTHING);
        cell == NOTHING || cell.unsigned_abs() <= QUIET
    }

    /// Puts sound into its cells. What is there stays, and what is over is left out.
    fn write(&mut self, at: i64, piece: &Piece<'_>) {
        for (at, byte) in (at..).zip(piece.bytes) {
            if (self.cursor..self.cursor + HELD).contains(&at)
                && let Some(cell) = self.cells.get_mut(cell(at))
                && *cell == NOTHING
            {
                *cell = g711::decoded(piece.codec, *byte);
            }
        }
    }
}

impl Source {
    fn position_of(&self, timestamp: u32) -> i64 {
        self.end + i64::from(timestamp.wrapping_sub(self.stamp).cast_signed())
    }
}

impl Watch {
    const fn begin(now: i64) -> Self {
        Self {
            since: now,
            least: i64::MAX,
            most: i64::MIN,
            packets: 0,
            wish: Wish::Nothing,
        }
    }

    fn note(&mut self, spare: i64) {
        self.least = self.least.min(spare);
        self.most = self.most.max(spare);
        self.packets = self.packets.saturating_add(1);
    }

    /// At the end of a period, what it says.
    fn judge(&mut self, now: i64, step: i64) {
        if now - self.since < PERIOD || self.packets < PACKETS {
            return;
        }
        // Late, or nearly so, and none would wait too long if all waited a step more.
        let is_late = self.least < SPARE_LOW && self.most + step <= SPARE_MAX;
        let has_time = self.least >= step + SPARE;
        let wish = match self.wish {
            Wish::Wait { periods } if is_late => Wish::Wait {
                periods: periods.saturating_add(1),
            },
            Wish::Hurry { periods } if has_time => Wish::Hurry {
                periods: periods.saturating_add(1),
            },
            Wish::Nothing | Wish::Hurry { .. } if is_late => Wish::Wait { periods: 0 },
            Wish::Nothing | Wish::Wait { .. } if has_time => Wish::Hurry { periods: 0 },
            Wish::Nothing | Wish::Wait { .. } | Wish::Hurry { .. } => Wish::Nothing,
        };
        *self = Self {
            wish,
            ..Self::begin(now)
        };
    }
}

impl Seam {
    fn begin(&mut self) {
        (self.from, self.left) = (self.last, SEAM);
    }

    fn play(&mut self, cell: i16) -> i16 {
        let is_sounding = cell != NOTHING;
        if is_sounding != self.is_sounding {
            self.is_sounding = is_sounding;
            self.begin();
        }
        let value = if is_sounding { cell } else { 0 };
        let (new, old) = (i32::from(SEAM - self.left), i32::from(self.left));
        self.left = self.left.saturating_sub(1);
        let blend = (i32::from(value) * new + i32::from(self.from) * old) / i32::from(SEAM);
        self.last = i16::try_from(blend).unwrap_or(value);
        self.last
    }
}

/// By how much packets and frames of these lengths may be moved against each other.
fn step(length: i64, frame: i64) -> i64 {
    let common = common(length, frame);
    if common >= STEP_MIN { common } else { 2 * STEP_MIN }
}

/// The greatest common divisor.
const fn common(mut one: i64, mut other: i64) -> i64 {
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one
}

/// Whole steps that reach so far.
const fn steps(reach: i64, step: i64) -> i64 {
    (reach + step - 1).div_euclid(step)
}

const fn ms(millis: i64) -> i64 {
    millis * samples::PER_MS as i64
}

const fn cell(position: i64) -> usize {
    (position & (HELD - 1)) as usize
}

#[cfg(test)]
mod tests;
