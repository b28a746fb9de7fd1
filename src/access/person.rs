//! Who is signed in.

use serde::{Deserialize, Serialize};

use super::role::{Action, Role, Scope, grant};
use crate::store::Visible;

/// A person with an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The row of the account.
    pub id: i64,
    /// What is typed to sign in.
    pub account: String,
    /// The person's name, as colleagues see it.
    pub name: String,
    /// What the person works as.
    pub role: Role,
    /// The department, for whom grants are limited to it.
    pub department: Option<String>,
}

impl Person {
    /// How far this person may do it; none: not at all.
    pub const fn grant(&self, action: Action) -> Option<Scope> {
        grant(self.role, action)
    }

    /// Whose data a grant opens to this person. A department's grant without a department opens nothing.
    pub fn visible(&self, scope: Scope) -> Visible {
        match scope {
            Scope::All => Visible::All,
            Scope::Department => match &self.department {
                Some(department) => Visible::Department(department.clone()),
                None => Visible::Nothing,
            },
            Scope::Own => Visible::Of(self.id),
        }
    }
}
