//! How a case ends, under the identifiers that database, files, reports and exports share.

use serde::{Deserialize, Serialize};

macro_rules! outcomes {
    ($($(#[$meta:meta])* $name:ident = $id:literal, $zh:literal;)+) => {
        /// How a case ended.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Outcome { $($(#[$meta])* $name,)+ }

        impl Outcome {
            /// All of them, in the order of reports.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The identifier in SQL, files, logs and exports.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $id,)+ }
            }

            /// The users' word.
            pub const fn zh(self) -> &'static str {
                match self { $(Self::$name => $zh,)+ }
            }

            /// The outcome of an identifier.
            pub fn parse(id: &str) -> Option<Self> {
                match id { $($id => Some(Self::$name),)+ _ => None }
            }
        }
    };
}

outcomes! {
    /// Completed questionnaire.
    Completed = "completed", "完成";
    /// Partial questionnaire that is not tried again.
    Partial = "partial", "部分完成";
    /// Refused, or asked never to be called.
    Refused = "refused", "拒访";
    /// Budget used up without reaching the patient: the last disposition says why.
    NotReached = "not_reached", "未联系上";
    /// The number is dead or wrong and there is no other: number repair.
    NumberDead = "number_dead", "号码失效";
    /// The patient may not be called (deceased, do-not-call).
    NotEligible = "not_eligible", "不宜回访";
    /// The deadline passed.
    Expired = "expired", "已过期限";
    /// Withdrawn by a person.
    Withdrawn = "withdrawn", "人工撤回";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_is_found_again_by_the_identifier_that_it_is_written_under() {
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::parse(outcome.as_str()), Some(*outcome));
            let json = serde_json::to_value(outcome).unwrap();
            assert_eq!(json.as_str(), Some(outcome.as_str()));
        }
    }
}
