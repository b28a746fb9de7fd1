//! How times, people and codes are shown in the answers about calls.

use axum::extract::FromRequestParts;
use axum::extract::Path;
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::Problem;
pub(super) use crate::http::timestamp as at;
use crate::outcome::Disposition;
use crate::report::Cause;
use crate::store::console::LOW;
use crate::store::console::lines::{ScoreRow, Sound};

/// The flags that people may put on a call.
pub(super) const BY_HAND: [&str; 4] = ["complaint", "attention", "example", "bad_sound"];
/// The flags that the program finds itself.
pub(super) const BY_PROGRAM: [&str; 5] = ["low_score", "spoken", "complaint", "all_same_key", "faster_than_prompt"];

/// A masked code hides so many letters at its end,
const HIDDEN: usize = 3;
/// and shows so many before them at most: a visit's number may hold the whole of the patient's.
const SHOWN: usize = 5;

/// A number of a visit or a patient with its end hidden: `Z0386***`.
pub(super) fn mask_code(code: &str) -> String {
    let shown = code.chars().count().saturating_sub(HIDDEN).min(SHOWN);
    let hidden = code.chars().count().min(HIDDEN);
    let shown = code.chars().take(shown);
    shown.chain("*".repeat(hidden).chars()).collect()
}

/// A row with its name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Named {
    pub(super) id: i64,
    pub(super) name: String,
}

/// How an attempt ended, in the users' words.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Ending {
    /// The disposition's identifier.
    pub(super) disposition: String,
    /// The users' word for it.
    pub(super) disposition_zh: String,
    /// The failure cause that it counts under, by identifier.
    pub(super) cause: String,
    /// Our own fault: not counted against the patient.
    pub(super) ours: bool,
}

impl Ending {
    pub(super) fn of(disposition: Disposition) -> Self {
        Self {
            disposition: disposition.as_str().to_owned(),
            disposition_zh: disposition.zh().to_owned(),
            cause: Cause::of(Some(disposition)).as_str().to_owned(),
            ours: disposition.is_ours(),
        }
    }
}

/// A scored answer as a keycap.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Score {
    /// The question's id in the dialplan.
    question: String,
    /// The keys that were pressed.
    key: String,
    /// What they mean.
    label: Option<String>,
    /// What that is worth, 0 to 100.
    points: i64,
    /// Whether that is a low score.
    low: bool,
}

impl From<ScoreRow> for Score {
    fn from(row: ScoreRow) -> Self {
        Self {
            question: row.question,
            key: row.keys,
            label: row.label,
            points: row.points,
            low: row.points <= LOW,
        }
    }
}

/// Whether a recording can be heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Audio {
    /// It is there.
    Available,
    /// Removed when its time was over, or with its patient.
    Deleted,
    /// Its file was looked for and not found.
    Missing,
    /// The call was not recorded.
    None,
}

impl From<Sound> for Audio {
    fn from(sound: Sound) -> Self {
        match sound {
            Sound::Kept => Self::Available,
            Sound::Purged { .. } => Self::Deleted,
            Sound::Missing { .. } => Self::Missing,
            Sound::None => Self::None,
        }
    }
}

/// How far the review of a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ReviewState {
    /// Nobody has to judge it.
    None,
    /// Somebody has to.
    Due,
    /// Begun.
    Draft,
    /// Signed.
    Signed,
    /// Signed, and questioned.
    Appealed,
}

impl ReviewState {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Due => "due",
            Self::Draft => "draft",
            Self::Signed => "signed",
            Self::Appealed => "appealed",
        }
    }

    pub(super) fn of(word: &str) -> Self {
        let all = [Self::Due, Self::Draft, Self::Signed, Self::Appealed];
        all.into_iter().find(|state| state.word() == word).unwrap_or(Self::None)
    }
}

/// The id of a call in the path.
pub(super) struct CallId(pub(super) i64);

/// The id of a call and of something of it in the path.
pub(super) struct CallIds(pub(super) i64, pub(super) i64);

impl<S: Send + Sync> FromRequestParts<S> for CallId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(Self(id)),
            Err(refused) => Err(Problem::unreadable(refused.status(), refused.body_text())),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for CallIds {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path((id, other))) => Ok(Self(id, other)),
            Err(refused) => Err(Problem::unreadable(refused.status(), refused.body_text())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_keeps_its_beginning() {
        assert_eq!(mask_code("Z0386123"), "Z0386***");
        assert_eq!(mask_code("12"), "**");
        assert_eq!(mask_code("ZY000016/2026-11-20"), "ZY000***");
        assert_eq!(mask_code("住院号7"), "住***");
    }
}
