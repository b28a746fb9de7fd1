//! What can go wrong with the store, in sentences that say what to do about it.

use std::path::PathBuf;
use std::sync::Arc;

use crate::dialer::Outcome;
use crate::ids::{AttemptId, CampaignId, CaseId};
use crate::moment::Wall;

/// Why the store refused or failed. Cheap to clone: one failed commit answers every request of its batch.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// Another daemon holds the data folder.
    #[error("the data folder {folder} is in use by {holder}; stop it first, or give this one its own folder")]
    Locked {
        /// The folder.
        folder: PathBuf,
        /// Who holds it: process and start time, as written in its lock file.
        holder: String,
    },
    /// The path exists and is no folder.
    #[error("{folder} is not a folder; the data folder must be one")]
    NotAFolder {
        /// The path.
        folder: PathBuf,
    },
    /// The folder or a file in it could not be created or opened.
    #[error("cannot use {path}: {source}")]
    Folder {
        /// The path that failed.
        path: PathBuf,
        /// What the operating system said.
        source: Arc<std::io::Error>,
    },
    /// There is no database to read.
    #[error("there is no database at {path}; the daemon creates it at its first start")]
    NoDatabase {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The database may not be written.
    #[error(
        "the database {path} is read-only; give its owner write permission (chmod u+w), or mount the disk writable"
    )]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// A newer release wrote this database.
    #[error("the database has schema {found}, this program knows {known}; use the newer program, or restore a backup")]
    NewerSchema {
        /// The newest migration in the database.
        found: i64,
        /// The newest migration in this program.
        known: i64,
    },
    /// No daemon of this release has opened the database yet.
    #[error("the database has schema {found}, this program needs {known}; start the daemon once, it brings it forward")]
    OlderSchema {
        /// The newest migration in the database.
        found: i64,
        /// The newest migration in this program.
        known: i64,
    },
    /// A migration could not be applied.
    #[error("the database could not be brought to the present schema: {0}")]
    Migration(#[source] Arc<sqlx::migrate::MigrateError>),
    /// The disk is full.
    #[error("the disk that holds the database is full; free space, nothing was written")]
    DiskFull,
    /// The file is damaged or no database.
    #[error("the database file is damaged or no database ({0}); restore a backup")]
    Corrupt(String),
    /// Another program holds the database's write lock for too long.
    #[error("another program keeps the database locked; close tools that have it open for writing")]
    Busy,
    /// The disk reported an error.
    #[error("the disk that holds the database reported an error ({0}); check the disk")]
    Disk(String),
    /// The name is taken.
    #[error("a campaign named {name:?} already exists")]
    CampaignExists {
        /// The name.
        name: String,
    },
    /// No such campaign.
    #[error("there is no campaign named {name:?}")]
    NoCampaign {
        /// The name.
        name: String,
    },
    /// The campaign must not change while it runs.
    #[error("the campaign {name:?} is running; stop it first")]
    CampaignRunning {
        /// The name.
        name: String,
    },
    /// Only a campaign that runs can be paused or go on.
    #[error("the campaign {name:?} is not running; `aftercall campaign start` starts it")]
    CampaignNotRunning {
        /// The name.
        name: String,
    },
    /// No such campaign row.
    #[error("there is no campaign {0}")]
    UnknownCampaign(CampaignId),
    /// The dialplan is not in the database.
    #[error("the dialplan {hash} is not in the database; put it there before it is used")]
    NoDialplan {
        /// Its content hash.
        hash: String,
    },
    /// No such rule set.
    #[error("there is no rule set named {name:?}; `aftercall rule list` shows them")]
    NoRuleSet {
        /// The name.
        name: String,
    },
    /// A rule set is not as far as this needs.
    #[error("version {version} of the rule set {name:?} is {state}; this needs one that is {needs}")]
    RuleSetState {
        /// The name.
        name: String,
        /// The version in question.
        version: u32,
        /// How far it has come.
        state: &'static str,
        /// How far it has to be.
        needs: &'static str,
    },
    /// The author may not review (R071).
    #[error("{who} wrote the rule set {name:?}; another person has to review it")]
    SameEyes {
        /// The name.
        name: String,
        /// The author.
        who: String,
    },
    /// The case is not under a lease of this daemon.
    #[error("case {0} is not leased to this daemon; claim it first")]
    NotLeased(CaseId),
    /// The number has gone onto the do-not-call list since the case was claimed.
    #[error("the number of case {0} is on the do-not-call list; release the case")]
    DoNotCall(CaseId),
    /// A call to the number is up.
    #[error("attempt {0} is calling this number right now; wait until it has ended")]
    NumberInUse(AttemptId),
    /// The last call to the number ended without any answer of the trunk: it may still be ringing.
    #[error(
        "the last call to this number had no answer from the trunk, so the telephone may still be ringing; \
         dial it again in {seconds} s"
    )]
    NumberLocked {
        /// How long the lock holds yet, in seconds, rounded up.
        seconds: u64,
    },
    /// The number has been called as often as it may be for now.
    #[error("this number was called as often as it may be for now; dial it again in {seconds} s")]
    NumberCapped {
        /// How long the cap holds yet, in seconds, rounded up.
        seconds: u64,
    },
    /// The case has an attempt under way.
    #[error("case {0} already has an attempt under way")]
    AttemptUnderWay(CaseId),
    /// No such attempt.
    #[error("there is no attempt {0}")]
    NoAttempt(AttemptId),
    /// The attempt has ended and takes no new keys.
    #[error("attempt {0} has ended and takes no more keys")]
    AttemptEnded(AttemptId),
    /// No such patient.
    #[error("no patient has this patient number or visit number")]
    NoPatient,
    /// No such case.
    #[error("there is no case {0}")]
    NoCase(CaseId),
    /// The case has ended.
    #[error("case {case} has ended as {} and is not called any more", super::appointment::ended(*.outcome))]
    CaseClosed {
        /// The case.
        case: CaseId,
        /// How it ended.
        outcome: Outcome,
        /// When.
        at: Wall,
    },
    /// The time lies behind the deadline of the case.
    #[error("case {case} is given up before that time: its deadline comes first; choose an earlier time")]
    PastDeadline {
        /// The case.
        case: CaseId,
        /// Its deadline.
        deadline: Wall,
    },
    /// Several cases fit.
    #[error("this patient has several open cases there: name one of {}", numbers(.cases))]
    ManyCases {
        /// They.
        cases: Vec<CaseId>,
    },
    /// The patient has no case in this campaign.
    #[error("this patient has no case in the campaign {campaign:?}")]
    NoOpenCase {
        /// The campaign.
        campaign: String,
    },
    /// The case has no appointment.
    #[error("case {0} has no appointment")]
    NoAppointment(CaseId),
    /// A legal hold is on the patient, or on a case of the patient.
    #[error("a legal hold is on this patient ({reason}); `aftercall hold --end` ends it")]
    Held {
        /// Why.
        reason: String,
    },
    /// The patient is being called, or the telephone may still be ringing.
    #[error("this patient is being called right now, or the telephone may still be ringing; try again in a minute")]
    BeingCalled,
    /// A stored value cannot be read back.
    #[error("the database holds {what} that this program cannot read: {why}")]
    Stored {
        /// Which column of which table.
        what: &'static str,
        /// What is wrong with it; never the value of a patient's column.
        why: String,
    },
    /// A value cannot be written as JSON.
    #[error("{what} cannot be written as JSON: {why}")]
    Json {
        /// Which value.
        what: &'static str,
        /// Why.
        why: String,
    },
    /// The database file is not where it was when it was opened.
    #[error(
        "the database {path} is not there any more ({why}); bring it back, nothing that calls say is lost meanwhile"
    )]
    Away {
        /// Where it was.
        path: PathBuf,
        /// What the operating system said.
        why: String,
    },
    /// Another file has taken the database's place.
    #[error("another file stands in the place of the database {path}; restart the daemon, it reads that one then")]
    Replaced {
        /// Where.
        path: PathBuf,
    },
    /// The database is away and the journal has no room left.
    #[error("the journal is full, and the database it stands in for is not there")]
    JournalFull,
    /// The database is not where it was last at work.
    #[error("the database may not call yet: {why}; `aftercall thaw` shows what would be dialed, and asks")]
    Frozen {
        /// How it is known.
        why: String,
    },
    /// Nobody who keeps accounts would be left.
    #[error("this is the last administrator who is not locked; make another one first")]
    LastAdministrator,
    /// A call may not be judged that way.
    #[error(transparent)]
    Judging(#[from] super::console::reviews::Refused),
    /// The store has been closed.
    #[error("the store is closed")]
    Closed,
    /// Anything else that the database said.
    #[error("the database refused: {0}")]
    Database(#[source] Arc<sqlx::Error>),
}

impl Error {
    /// Whether the same request may succeed later without a change to it: full disk, foreign lock, disk error.
    pub fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::DiskFull | Self::Busy | Self::Disk(_) | Self::Away { .. } | Self::JournalFull
        )
    }

    /// Whether the database as a whole takes nothing right now, so that the journal has to: locked, gone, full, failing.
    pub(super) const fn is_away(&self) -> bool {
        matches!(
            self,
            Self::Away { .. }
                | Self::Replaced { .. }
                | Self::Busy
                | Self::DiskFull
                | Self::Disk(_)
                | Self::ReadOnly { .. }
                | Self::Corrupt(_)
                | Self::Closed
        )
    }

    /// A fault of a file or folder.
    pub(super) fn folder(path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        Self::Folder {
            path: path.into(),
            source: Arc::new(source),
        }
    }

    /// A stored value that cannot be read back.
    pub(super) fn stored(what: &'static str, why: impl ToString) -> Self {
        Self::Stored {
            what,
            why: why.to_string(),
        }
    }
}

fn numbers(cases: &[CaseId]) -> String {
    cases.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// SQLite's primary result codes that have an answer of their own (sqlite.org/rescode.html).
mod code {
    pub(super) const BUSY: i32 = 5;
    pub(super) const LOCKED: i32 = 6;
    pub(super) const READONLY: i32 = 8;
    pub(super) const IOERR: i32 = 10;
    pub(super) const CORRUPT: i32 = 11;
    pub(super) const FULL: i32 = 13;
    pub(super) const CANTOPEN: i32 = 14;
    pub(super) const NOTADB: i32 = 26;
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        if matches!(error, sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed) {
            return Self::Closed;
        }
        let message = match error.as_database_error() {
            Some(database) => database.message().to_owned(),
            None => return Self::Database(Arc::new(error)),
        };
        let extended = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code)
            .and_then(|code| code.parse::<i32>().ok());
        // The low byte is the primary code; the rest tells its kinds apart.
        match extended.map(|code| code & 0xff) {
            Some(code::BUSY | code::LOCKED) => Self::Busy,
            Some(code::READONLY) => Self::ReadOnly {
                path: PathBuf::from(super::folder::DATABASE),
            },
            Some(code::IOERR | code::CANTOPEN) => Self::Disk(message),
            Some(code::CORRUPT | code::NOTADB) => Self::Corrupt(message),
            Some(code::FULL) => Self::DiskFull,
            Some(_) | None => Self::Database(Arc::new(error)),
        }
    }
}

impl From<sqlx::migrate::MigrateError> for Error {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        if let sqlx::migrate::MigrateError::Execute(source) = error {
            Self::from(source)
        } else {
            Self::Migration(Arc::new(error))
        }
    }
}
