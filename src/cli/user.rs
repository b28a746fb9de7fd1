//! Who sits at the terminal, for the records of what was deleted and held.

use nix::unistd::{User, getuid};

/// The user of the operating system: by name, else by number.
pub(super) fn name() -> String {
    let uid = getuid();
    match User::from_uid(uid) {
        Ok(Some(user)) => user.name,
        Ok(None) | Err(_) => uid.to_string(),
    }
}
