//! The lines of the far end's description that matter, in the form that the strict reader wants (RFC 4566 section 5).

use super::answer::Error;

/// More streams than anybody means.
const STREAMS: usize = 16;

/// What is kept of a description. What other lines say, however badly, changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Lines {
    /// Connection, audio streams and attributes; of two connection lines in one place the first.
    pub(super) audio: String,
    /// The value of every m= line, in order.
    pub(super) streams: Vec<String>,
    /// The value of the first t= line.
    pub(super) timing: Option<String>,
}

/// Whether lines belong to what we read (the session, an audio stream) or to another stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    Audio,
    Other,
}

impl Lines {
    /// Reads a description.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Error> {
        let text = String::from_utf8_lossy(bytes);
        let mut lines = Self {
            audio: String::from("v=0\r\n"),
            ..Self::default()
        };
        let mut section = Section::Audio;
        let mut has_connection = false;
        for line in text.split(['\r', '\n', '\0']) {
            let Some((key, value)) = line.trim().split_once('=') else {
                continue;
            };
            let (key, value) = (key.trim().to_ascii_lowercase(), value.split_whitespace());
            let value = value.collect::<Vec<_>>().join(" ");
            match key.as_str() {
                "m" => {
                    section = if is_audio(&value) {
                        Section::Audio
                    } else {
                        Section::Other
                    };
                    has_connection = false;
                    lines.streams.push(value.clone());
                }
                "c" if has_connection => continue,
                "c" => has_connection = true,
                "a" => {}
                "t" => {
                    lines.timing.get_or_insert(value);
                    continue;
                }
                _ => continue,
            }
            if section == Section::Audio {
                lines.audio.push_str(&format!("{key}={value}\r\n"));
            }
        }
        if lines.streams.len() > STREAMS {
            return Err(Error::TooManyStreams {
                found: lines.streams.len(),
            });
        }
        Ok(lines)
    }
}

/// Whether the value of an m= line names an audio stream.
pub(super) fn is_audio(stream: &str) -> bool {
    stream.get(..6).is_some_and(|kind| kind.eq_ignore_ascii_case("audio "))
}
