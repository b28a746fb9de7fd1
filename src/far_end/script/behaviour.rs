//! One behaviour: what the trunk and the patient do with an INVITE.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::far_end::wire::digest::Algorithm;
use crate::far_end::wire::phrase;

use super::{Span, Talk};

/// What happens to the calls of the numbers that it holds for.
#[derive(Clone, Debug)]
pub(crate) struct Behaviour {
    /// Its name in the log.
    pub(crate) name: Arc<str>,
    /// The numbers that it holds for; none if it is only drawn or only named by others.
    pub(super) numbers: Vec<Pattern>,
    /// Its share of the numbers that no behaviour names.
    pub(super) weight: u64,
    /// The behaviours of the first, second … attempt; the last one repeats. Empty: itself.
    pub(super) attempts: Vec<usize>,
    /// Credentials that an INVITE must bring, and the status of the challenge (401 or 407).
    pub(crate) challenge: Option<(u16, Account)>,
    /// Whether 100 is sent.
    pub(crate) sends_trying: bool,
    /// From the INVITE to the first thing after 100.
    pub(crate) after: Span,
    /// How long it rings (180) before it goes on; no 180 if none.
    pub(crate) ring: Option<Span>,
    /// Early media (183 with a description) after the ringing.
    pub(crate) early: Option<Early>,
    /// How it goes on.
    pub(crate) does: Does,
    /// Protocol tricks.
    pub(crate) tricks: BTreeSet<Trick>,
    /// What the patient does once answered.
    pub(crate) talk: Arc<Talk>,
}

impl Behaviour {
    /// What happens when nobody is at a number, or no line is free.
    pub(crate) fn refusing(name: &str, refusal: Refusal) -> Self {
        Self {
            name: Arc::from(name),
            numbers: Vec::new(),
            weight: 0,
            attempts: Vec::new(),
            challenge: None,
            sends_trying: true,
            after: Span::millis(20),
            ring: None,
            early: None,
            does: Does::Refuses(refusal),
            tricks: BTreeSet::new(),
            talk: Arc::new(Talk::default()),
        }
    }
}

impl Refusal {
    /// A status with its usual phrase.
    pub(crate) fn plain(status: u16) -> Self {
        Self {
            status,
            phrase: phrase(status).to_owned(),
            reasons: Vec::new(),
            retry_after: None,
        }
    }
}

/// How a call goes on after ringing and early media.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Does {
    /// 200.
    Answers,
    /// A final status other than 2xx.
    Refuses(Refusal),
    /// Nothing more, until CANCEL.
    RingsOn,
    /// 100 and nothing more, until CANCEL.
    OnlyTries,
    /// Every INVITE is lost.
    Drops,
}

/// A final response other than 2xx.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// 300 to 699.
    pub(crate) status: u16,
    /// The reason phrase.
    pub(crate) phrase: String,
    /// Reason header values (RFC 3326), verbatim.
    pub(crate) reasons: Vec<String>,
    /// Retry-After in seconds.
    pub(crate) retry_after: Option<i64>,
}

/// What is heard before the final response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Early {
    /// What is played.
    pub(crate) sound: EarlySound,
    /// How long.
    pub(crate) lasts: Span,
}

/// The sounds of Chinese exchanges before an answer (GB/T 3380 cadences at 450 Hz), and speech.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EarlySound {
    /// 1 s on, 4 s off.
    Ringback,
    /// 0.35 s on, 0.35 s off.
    Busy,
    /// 0.7 s on, 0.7 s off.
    Congestion,
    /// Three short, one long.
    Unobtainable,
    /// Something like speech.
    Announcement,
}

/// Credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    /// The protection space.
    pub(crate) realm: String,
    /// The user name.
    pub(crate) user: String,
    /// The shared secret.
    pub(crate) password: String,
    /// The hash.
    pub(crate) algorithm: Algorithm,
}

/// Something unusual that real trunks do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Trick {
    /// The 200 leaves twice at once.
    AnswersTwice,
    /// A second 200 with another To tag follows 60 ms after the first.
    Forks,
    /// The first ACK of the 200 is lost.
    LosesFirstAck,
    /// BYE follows the 200 at once, before the ACK.
    ByeBeforeAck,
    /// A re-INVITE two seconds after the ACK.
    Reinvites,
    /// The first BYE of the caller is lost.
    LosesFirstBye,
    /// 181 comes before anything else.
    Forwards,
}

/// `138*`, `1390000000?`, `13800000001`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern(String);

impl Pattern {
    /// A pattern: any text in which `*` stands for any run of letters and `?` for one.
    pub(crate) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Whether it has no wildcard.
    pub(crate) fn is_exact(&self) -> bool {
        !self.0.contains(['*', '?'])
    }

    /// How many letters it fixes: the more, the more it says.
    pub(crate) fn weight(&self) -> usize {
        self.0.chars().filter(|c| !matches!(c, '*' | '?')).count()
    }

    /// Whether a text fits.
    pub(crate) fn fits(&self, text: &str) -> bool {
        fits(self.0.as_bytes(), text.as_bytes())
    }
}

/// The usual wildcard match with one point to come back to.
fn fits(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(&letter) = text.get(t) {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&expected) if expected == b'?' || expected == letter => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    p = at + 1;
                    t = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|&b| b == b'*')
}
