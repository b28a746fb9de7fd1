//! Passwords: argon2id, worked out off the async threads, few at once.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use super::Error;
use crate::pii::Pii;

/// A password has at least so many characters,
pub const SHORTEST: usize = 10;
/// and at most so many.
pub const LONGEST: usize = 128;

/// Hashes that are worked out at once: each takes 19 MiB and a core.
const AT_ONCE: usize = 2;
/// Hashes that may wait besides; a further one is refused.
const WAITING: usize = 30;
/// Octets of salt.
const SALT: usize = 16;

/// Where passwords are hashed. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Mill {
    stones: Arc<Semaphore>,
    room: Arc<Semaphore>,
}

impl Mill {
    pub(super) fn new() -> Self {
        Self {
            stones: Arc::new(Semaphore::new(AT_ONCE)),
            room: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
        }
    }

    /// The hash of a password, in the PHC string form.
    pub(super) async fn hash(&self, password: Pii<String>) -> Result<String, Error> {
        let mut salt = [0; SALT];
        random(&mut salt)?;
        self.grind(move || {
            let hash: Result<PasswordHash, _> =
                Argon2::default().hash_password_with_salt(password.reveal().as_bytes(), &salt);
            hash.map(|hash| hash.to_string()).map_err(|_| Error::Hash)
        })
        .await?
    }

    /// Whether a password is the one of a hash.
    pub(super) async fn is_of(&self, password: Pii<String>, hash: String) -> Result<bool, Error> {
        self.grind(move || {
            let hash = PasswordHash::new(&hash).map_err(|_| Error::Hash)?;
            Ok(Argon2::default()
                .verify_password(password.reveal().as_bytes(), &hash)
                .is_ok())
        })
        .await?
    }

    /// Takes as long as looking at a password does, for an account that is not there.
    pub(super) async fn pretend(&self, password: Pii<String>) -> Result<(), Error> {
        self.hash(password).await.map(drop)
    }

    async fn grind<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let _room = self.room.try_acquire().map_err(|_| Error::Busy)?;
        let _stone = self.stones.acquire().await.map_err(|_| Error::Busy)?;
        tokio::task::spawn_blocking(work).await.map_err(|_| Error::Hash)
    }
}

/// Random octets of the system.
pub(super) fn random(octets: &mut [u8]) -> Result<(), Error> {
    getrandom::fill(octets).map_err(|_| Error::Random)
}

/// Why a password will not do; none: it will.
pub fn weakness(password: &str, account: &str) -> Option<String> {
    let length = password.chars().count();
    let mut different: Vec<char> = password.chars().collect();
    different.sort_unstable();
    different.dedup();
    if length < SHORTEST {
        Some(format!(
            "it has {length} characters; expected at least {SHORTEST} 密码至少 {SHORTEST} 个字符"
        ))
    } else if length > LONGEST {
        Some(format!("it has {length} characters; expected at most {LONGEST}"))
    } else if password.chars().any(char::is_control) {
        Some("a control character cannot stand in it".to_owned())
    } else if different.len() < 5 {
        Some("it is made of fewer than 5 different characters 密码字符过于单一".to_owned())
    } else if password.to_lowercase().contains(&account.to_lowercase()) {
        Some("the account stands in it 密码中不能含有账号".to_owned())
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weak_password_is_refused_with_what_is_wrong() {
        for (password, why) in [
            ("kurz", "4 characters"),
            ("aaaaaaaaaaaa", "different"),
            ("Wangfang-2026", "account"),
            ("tab\tin-the-middle", "control"),
        ] {
            let told = weakness(password, "wangfang").unwrap();
            assert!(told.contains(why), "{told}");
        }
        assert_eq!(weakness("yunxi-qiao-41", "wangfang"), None);
        assert_eq!(weakness("云溪市人民医院质检科用", "wangfang"), None);
        assert!(weakness(&"ab3d5".repeat(26), "wangfang").unwrap().contains("at most"));
    }

    #[tokio::test]
    async fn a_password_is_known_by_its_hash_and_no_other_is() {
        let mill = Mill::new();
        let hash = mill.hash(Pii::new("yunxi-qiao-41".to_owned())).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(
            mill.is_of(Pii::new("yunxi-qiao-41".to_owned()), hash.clone())
                .await
                .unwrap()
        );
        assert!(!mill.is_of(Pii::new("yunxi-qiao-42".to_owned()), hash).await.unwrap());
    }
}
