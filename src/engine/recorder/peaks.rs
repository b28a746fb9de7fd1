//! The shape of a recording: the lowest and highest sample of each channel in every 20 ms, computed once and kept in a file
//! of its own under `peaks/` in the data folder.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::replay::{Opened, Trouble};

/// The folder in the data folder.
const PEAKS: &str = "peaks";
/// What a file begins with; another number: another form.
const MAGIC: &[u8; 8] = b"PEAKS-1\n";
/// One bin, unless the recording is so long that there would be more than [`BINS`].
const BIN_MS: u64 = 20;
/// Bins at most: fifteen minutes, the call limit, at 20 ms.
const BINS: u64 = 45_000;
/// Octets that are read at once.
const CHUNK: usize = 256 * 1024;

/// The shape of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peaks {
    /// The length of the recording in milliseconds.
    pub length_ms: u64,
    /// The length of a bin in milliseconds.
    pub bin_ms: u64,
    /// The patient's channel: lowest and highest sample of each bin in turn, -128 to 127.
    pub patient: Vec<i8>,
    /// Our channel, alike.
    pub hospital: Vec<i8>,
}

/// Computes the peaks of an open recording.
pub(in crate::engine) fn compute(opened: &mut Opened) -> Result<Peaks, Trouble> {
    let length_ms = opened.length_ms();
    let bin_ms = BIN_MS.max(length_ms.div_ceil(BINS));
    let frames_a_bin = usize::try_from((opened.rate * bin_ms / 1_000).max(1)).unwrap_or(usize::MAX);
    let mut bins = [Bins::new(frames_a_bin), Bins::new(frames_a_bin)];
    let frame = usize::try_from(opened.frame).unwrap_or(4);
    let whole = CHUNK / frame * frame;
    let mut at = opened.data_from;
    while at < opened.data_to {
        let left = usize::try_from(opened.data_to - at).unwrap_or(whole);
        let octets = opened.read(at, whole.min(left))?;
        if octets.is_empty() {
            break;
        }
        at += octets.len() as u64;
        for samples in octets.chunks_exact(frame) {
            for (bins, sample) in bins.iter_mut().zip(samples.chunks_exact(2)) {
                if let [low, high] = sample {
                    bins.take(i16::from_le_bytes([*low, *high]));
                }
            }
        }
    }
    let [patient, hospital] = bins.map(Bins::end);
    let hospital = if hospital.is_empty() {
        vec![0; patient.len()]
    } else {
        hospital
    };
    Ok(Peaks {
        length_ms,
        bin_ms,
        patient,
        hospital,
    })
}

/// The bins of one channel.
struct Bins {
    frames_a_bin: usize,
    taken: usize,
    low: i16,
    high: i16,
    pairs: Vec<i8>,
}

impl Bins {
    const fn new(frames_a_bin: usize) -> Self {
        Self {
            frames_a_bin,
            taken: 0,
            low: i16::MAX,
            high: i16::MIN,
            pairs: Vec::new(),
        }
    }

    fn take(&mut self, sample: i16) {
        self.low = self.low.min(sample);
        self.high = self.high.max(sample);
        self.taken += 1;
        if self.taken == self.frames_a_bin {
            self.close();
        }
    }

    fn close(&mut self) {
        self.pairs.extend([eighth(self.low), eighth(self.high)]);
        (self.taken, self.low, self.high) = (0, i16::MAX, i16::MIN);
    }

    fn end(mut self) -> Vec<i8> {
        if self.taken > 0 {
            self.close();
        }
        self.pairs
    }
}

/// A sample of 16 bits in 8.
fn eighth(sample: i16) -> i8 {
    let [_, high] = sample.to_le_bytes();
    i8::from_le_bytes([high])
}

/// The file of the peaks of a recording: `recordings/3/3012.wav` has `peaks/3/3012.peaks`.
fn file_of(data: &Path, row: &str) -> PathBuf {
    let below: PathBuf = Path::new(row).components().skip(1).collect();
    data.join(PEAKS).join(below).with_extension("peaks")
}

/// The peaks that were kept, if they are of the recording with this hash.
pub(in crate::engine) fn kept(data: &Path, row: &str, sha256: &str) -> Option<Peaks> {
    let octets = fs::read(file_of(data, row)).ok()?;
    let rest = octets.strip_prefix(MAGIC)?.strip_prefix(sha256.as_bytes())?;
    let (length, rest) = rest.split_first_chunk::<8>()?;
    let (bin, rest) = rest.split_first_chunk::<8>()?;
    if rest.len() % 2 != 0 {
        return None;
    }
    let (patient, hospital) = rest.split_at(rest.len() / 2);
    let signed = |octets: &[u8]| octets.iter().map(|octet| i8::from_le_bytes([*octet])).collect();
    Some(Peaks {
        length_ms: u64::from_le_bytes(*length),
        bin_ms: u64::from_le_bytes(*bin),
        patient: signed(patient),
        hospital: signed(hospital),
    })
}

/// Keeps peaks. Who cannot keep them computes them again.
pub(in crate::engine) fn keep(data: &Path, row: &str, sha256: &str, peaks: &Peaks) -> io::Result<()> {
    let path = file_of(data, row);
    if let Some(folder) = path.parent() {
        let mut private = DirBuilder::new();
        private.recursive(true).mode(0o700);
        private.create(folder)?;
    }
    let part = path.with_extension("peaks.part");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut octets = MAGIC.to_vec();
    octets.extend_from_slice(sha256.as_bytes());
    octets.extend(peaks.length_ms.to_le_bytes());
    octets.extend(peaks.bin_ms.to_le_bytes());
    octets.extend(
        peaks
            .patient
            .iter()
            .chain(&peaks.hospital)
            .flat_map(|one| one.to_le_bytes()),
    );
    options.open(&part)?.write_all(&octets)?;
    fs::rename(&part, &path)
}

/// Removes what was kept of a recording; `recording` is its file in the data folder.
///
/// # Errors
/// What the system says of a file that resists.
pub(in crate::engine) fn remove(data: &Path, row: &str) -> io::Result<()> {
    match fs::remove_file(file_of(data, row)) {
        Err(error) if !matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}
