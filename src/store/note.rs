//! Note: how far the call of an attempt is, for the daemon that comes after a crash; and what it has taken down.

use crate::dialer::{Note, TakenDown};

use super::Error;
use super::job::{Ledger, Write};
use super::journal::Entry;
use super::transaction::settle;

impl Write for Note {
    type Answer = ();

    fn journalled(&self) -> Option<(Entry, Self::Answer)> {
        Some((Entry::Note(self.clone()), ()))
    }

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        // What comes after the end, or after a newer note, has nothing to say.
        let query = sqlx::query(
            "update attempt set noted = $2, dialog = $3, rtp_port = $4, reached = max(reached, $5)
             where id = $1 and state = 'begun' and noted < $2",
        )
        .bind(self.attempt.0)
        .bind(self.seq)
        .bind(&self.dialog)
        .bind(self.rtp_port)
        .bind(self.reached);
        settle(ledger.db, query, 1).await
    }
}

impl Write for TakenDown {
    type Answer = ();

    fn journalled(&self) -> Option<(Entry, Self::Answer)> {
        Some((Entry::TakenDown(*self), ()))
    }

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        // What it took to end the call holds the number, and has done its work.
        sqlx::query("update attempt set locked_until = min(locked_until, $2), dialog = null where id = $1")
            .bind(self.attempt.0)
            .bind(self.at.millis())
            .execute(&mut *ledger.db)
            .await?;
        Ok(())
    }
}
