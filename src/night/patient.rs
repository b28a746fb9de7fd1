//! Patients as scripts of intentions: not packets, but what a person does with a ringing telephone.

use std::collections::BTreeMap;
use std::time::Duration;

/// What a patient's telephone and the patient do, call after call; the last script is used again.
#[derive(Clone, Debug)]
pub struct Patient {
    pub(super) scripts: Vec<Script>,
}

/// One call from the patient's side.
#[derive(Clone, Debug)]
pub(super) enum Script {
    Answers {
        ring: Duration,
        talk: Talk,
        manner: Manner,
    },
    RingsForever,
    RingsUnheard,
    Refuses {
        after: Duration,
        status: u16,
        q850: Option<u8>,
    },
    Drops,
}

/// How the exchange behind a patient carries the call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Manner {
    /// 183 with a description, to be acknowledged by PRACK before it rings.
    pub(super) early: Early,
    /// The session holds so long, and the daemon is to refresh it.
    pub(super) session: Option<Duration>,
}

/// Whether a reliable 183 comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Early {
    #[default]
    No,
    Reliable,
}

/// What a patient does with what is heard.
#[derive(Clone, Debug)]
pub struct Talk {
    pub(super) keys: BTreeMap<String, (String, Duration)>,
    pub(super) otherwise: Option<(String, Duration)>,
    pub(super) leaves: Option<(String, Duration)>,
    pub(super) holds: Option<Hold>,
    pub(super) speaks: Speaks,
}

/// During this prompt, after this long, for this long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hold {
    pub(super) prompt: String,
    pub(super) after: Duration,
    pub(super) lasts: Duration,
}

/// Whether RTP comes from the patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speaks {
    Yes,
    Never,
}

impl Talk {
    /// Listens and presses nothing.
    pub fn silent() -> Self {
        Self {
            keys: BTreeMap::new(),
            otherwise: None,
            leaves: None,
            holds: None,
            speaks: Speaks::Yes,
        }
    }

    /// Presses `keys` this long after any prompt began that has no keys of its own.
    pub fn pressing(keys: &str, after: Duration) -> Self {
        Self {
            otherwise: Some((keys.to_owned(), after)),
            ..Self::silent()
        }
    }

    /// Presses `keys` this long after `prompt` began; empty keys: presses nothing there.
    #[must_use]
    pub fn at(mut self, prompt: &str, keys: &str, after: Duration) -> Self {
        self.keys.insert(prompt.to_owned(), (keys.to_owned(), after));
        self
    }

    /// Hangs up this long after `prompt` began.
    #[must_use]
    pub fn leaves_during(mut self, prompt: &str, after: Duration) -> Self {
        self.leaves = Some((prompt.to_owned(), after));
        self
    }

    /// Takes another call this long after `prompt` began, for so long: the daemon is on hold meanwhile.
    #[must_use]
    pub fn holds_during(mut self, prompt: &str, after: Duration, lasts: Duration) -> Self {
        self.holds = Some(Hold {
            prompt: prompt.to_owned(),
            after,
            lasts,
        });
        self
    }

    /// Sends no RTP at all.
    #[must_use]
    pub fn never_heard(mut self) -> Self {
        self.speaks = Speaks::Never;
        self
    }
}

impl Patient {
    /// Answers after ringing for `ring`.
    pub fn answers(ring: Duration, talk: Talk) -> Self {
        Self {
            scripts: vec![Script::Answers {
                ring,
                talk,
                manner: Manner::default(),
            }],
        }
    }

    /// The exchange sends its ringback reliably (100rel).
    #[must_use]
    pub fn with_reliable_ringback(self) -> Self {
        self.carried(|manner| manner.early = Early::Reliable)
    }

    /// The exchange gives up a session that the daemon does not refresh in this time.
    #[must_use]
    pub fn with_session_timer(self, session: Duration) -> Self {
        self.carried(|manner| manner.session = Some(session))
    }

    fn carried(mut self, change: impl Fn(&mut Manner)) -> Self {
        for script in &mut self.scripts {
            match script {
                Script::Answers { manner, .. } => change(manner),
                Script::RingsForever | Script::RingsUnheard | Script::Refuses { .. } | Script::Drops => {}
            }
        }
        self
    }

    /// Never answers.
    pub fn rings_forever() -> Self {
        Self {
            scripts: vec![Script::RingsForever],
        }
    }

    /// Rings for a minute and a half, and not a word of the trunk about it comes back.
    pub fn rings_unheard() -> Self {
        Self {
            scripts: vec![Script::RingsUnheard],
        }
    }

    /// Is busy.
    pub fn is_busy() -> Self {
        Self::refuses(Duration::from_millis(300), 486, Some(17))
    }

    /// The network refuses after a while.
    pub fn refuses(after: Duration, status: u16, q850: Option<u8>) -> Self {
        Self {
            scripts: vec![Script::Refuses { after, status, q850 }],
        }
    }

    /// The trunk swallows the INVITE.
    pub fn is_swallowed() -> Self {
        Self {
            scripts: vec![Script::Drops],
        }
    }

    /// Does as `next` at the following call.
    #[must_use]
    pub fn then(mut self, next: Self) -> Self {
        self.scripts.extend(next.scripts);
        self
    }

    pub(super) fn script(&self, call: usize) -> Option<&Script> {
        self.scripts.get(call).or_else(|| self.scripts.last())
    }
}
