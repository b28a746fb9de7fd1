//! How late packets come: arrival minus the stream's own schedule, counted in tenths of a millisecond.

use std::time::Duration;

use crate::moment::Moment;

/// One sample at 8 kHz.
const SAMPLE: Duration = Duration::from_micros(125);
/// The width of a bucket.
const BUCKET: Duration = Duration::from_micros(100);
/// Buckets up to 100 ms; what is later is in the last one.
const BUCKETS: usize = 1_000;

/// The packets of one stream or of many, by how late they came.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Lateness {
    /// Empty until the first packet.
    buckets: Vec<u32>,
    packets: u64,
    most: Duration,
}

/// The schedule of one stream: a packet is due as long after the first as its samples lie after the first.
///
/// What the sender left out after a stall of its own does not make late what comes after it; it is missing, and counted
/// as a pause. Should a later packet show that the first one was late itself, the schedule begins as much earlier.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schedule {
    first: Moment,
    sample: u64,
}

impl Schedule {
    /// A stream whose first packet, with this sample of the time line, came at a moment.
    pub(crate) const fn begin(first: Moment, sample: u64) -> Self {
        Self { first, sample }
    }

    /// How late the packet is that begins with `sample`.
    pub(crate) fn lateness(&mut self, arrival: Moment, sample: u64) -> Duration {
        let samples = u32::try_from(sample.saturating_sub(self.sample)).unwrap_or(u32::MAX);
        let due = self.first + SAMPLE.saturating_mul(samples);
        if arrival < due {
            let early = u64::try_from(due.since(arrival).as_nanos()).unwrap_or(u64::MAX);
            self.first = Moment::from_nanos(self.first.nanos().saturating_sub(early));
        }
        arrival.since(due)
    }
}

impl Lateness {
    /// Counts one packet.
    pub(crate) fn note(&mut self, late: Duration) {
        if self.buckets.is_empty() {
            self.buckets.resize(BUCKETS, 0);
        }
        let place = usize::try_from(late.as_micros() / BUCKET.as_micros()).unwrap_or(BUCKETS);
        if let Some(bucket) = self.buckets.get_mut(place.min(BUCKETS - 1)) {
            *bucket = bucket.saturating_add(1);
        }
        self.packets += 1;
        self.most = self.most.max(late);
    }

    /// Adds the packets of another stream.
    pub(crate) fn add(&mut self, other: &Self) {
        if self.buckets.len() < other.buckets.len() {
            self.buckets.resize(BUCKETS, 0);
        }
        for (sum, more) in self.buckets.iter_mut().zip(&other.buckets) {
            *sum = sum.saturating_add(*more);
        }
        self.packets += other.packets;
        self.most = self.most.max(other.most);
    }

    /// A thousandth to which this share of the packets (in 1/1000) was no later; the upper edge of its bucket.
    pub(crate) fn quantile(&self, per_mille: u64) -> Duration {
        let wanted = (self.packets * per_mille).div_ceil(1_000);
        let mut passed = 0;
        for (edge, bucket) in (1..).zip(&self.buckets) {
            passed += u64::from(*bucket);
            if passed >= wanted {
                return (BUCKET * edge).min(self.most);
            }
        }
        self.most
    }

    /// The latest packet.
    pub(crate) const fn most(&self) -> Duration {
        self.most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Moment {
        Moment::ZERO + Duration::from_millis(millis)
    }

    #[test]
    fn a_packet_is_late_by_its_place_on_the_time_line() {
        let mut schedule = Schedule::begin(at(100), 700);
        assert_eq!(schedule.lateness(at(100), 700), Duration::ZERO);
        assert_eq!(schedule.lateness(at(123), 700 + 160), Duration::from_millis(3));
        assert_eq!(schedule.lateness(at(160), 700 + 3 * 160), Duration::ZERO);
    }

    #[test]
    fn a_first_packet_that_was_late_itself_does_not_hide_the_others() {
        let mut schedule = Schedule::begin(at(105), 0);
        assert_eq!(schedule.lateness(at(120), 160), Duration::ZERO);
        assert_eq!(schedule.lateness(at(145), 320), Duration::from_millis(5));
    }

    #[test]
    fn quantiles_of_many_streams_are_those_of_all_their_packets() {
        let (mut sum, mut stream) = (Lateness::default(), Lateness::default());
        assert_eq!(sum.quantile(990), Duration::ZERO);
        for tenths in 0..100 {
            stream.note(Duration::from_micros(tenths * 100 + 50));
        }
        sum.add(&stream);
        sum.add(&stream);
        assert_eq!(sum.quantile(500), Duration::from_millis(5));
        assert_eq!(sum.quantile(990), Duration::from_micros(9_900));
        assert_eq!(sum.quantile(1_000), Duration::from_micros(9_950));
        sum.note(Duration::from_secs(3));
        assert_eq!(sum.most(), Duration::from_secs(3));
    }
}
