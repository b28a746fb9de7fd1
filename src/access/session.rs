//! Sessions: a random token that the browser keeps, and of which the database knows only the hash.

use sha2::{Digest as _, Sha256};

use super::{Access, Error, Person, Role};
use crate::moment::Wall;

/// A person who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub person: Person,
    /// What unsafe requests carry in `x-csrf-token`.
    pub csrf: String,
    /// The password was given by somebody else: nothing else is allowed before it is changed.
    pub password_due: bool,
}

impl Access {
    /// Whose session a token is; none: it is unknown, over, revoked, or its account is locked.
    pub async fn who(&self, token: &str, now: Wall) -> Result<Option<SignedIn>, Error> {
        let Some(row) = self.store.reader().session(&hash_of(token), now).await? else {
            return Ok(None);
        };
        let role = Role::named(&row.role).ok_or(Error::UnknownRole { role: row.role })?;
        Ok(Some(SignedIn {
            person: Person {
                id: row.account_id,
                account: row.account,
                name: row.name,
                role,
                department: row.department,
            },
            csrf: row.csrf,
            password_due: row.password_due,
        }))
    }
}

/// What the database keeps of a token.
pub(super) fn hash_of(token: &str) -> String {
    Sha256::digest(token)
        .iter()
        .map(|octet| format!("{octet:02x}"))
        .collect()
}
