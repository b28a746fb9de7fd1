//! Thaw: a database that was restored, copied or moved may call again, after a person has seen what that would dial.

use super::{Error, Office};
use crate::control::{HoldCause, Order};
use crate::store::Thawing;

impl Office {
    /// What would be dialed again, and why the database is frozen, if it is.
    pub async fn thawing(&self) -> Result<Thawing, Error> {
        let frozen = self.store.frozen();
        Ok(self.store.reader().thawing(frozen, self.clock.wall()).await?)
    }

    /// Says that the database is at home where it stands.
    pub async fn thaw(&self) -> Result<(), Error> {
        self.store.thaw().await?;
        crate::events::thawed();
        match &self.engine {
            Some(engine) => engine.order(Order::Go {
                cause: HoldCause::Frozen,
            }),
            None => Ok(()),
        }
    }

    /// Refuses a call while the database is frozen.
    pub(super) fn need_home(&self) -> Result<(), Error> {
        match self.store.frozen() {
            Some(why) => Err(Error::Store(crate::store::Error::Frozen { why })),
            None => Ok(()),
        }
    }
}
