//! `aftercall check --recordings`: every recording and its row are made to agree.

use std::sync::Arc;

use crate::cli::daemon::{self, Daemon};
use crate::cli::{progress, show};
use crate::config::Settings;
use crate::engine::recorder::reconcile::Reconciled;
use crate::http::FolderRequest;

/// Looks through all folders, one after the other, so that no call waits for long.
pub(super) async fn run(settings: &Arc<Settings>) -> anyhow::Result<Reconciled> {
    let daemon = daemon::find(settings).await?;
    let last: i64 = match &daemon {
        Daemon::Running(client) => client.get("/v1/recordings").await?,
        Daemon::Absent(office) => office.last_recording_folder().await?,
    };
    let bar = progress::steps("folders", u64::try_from(last + 1).unwrap_or_default());
    let mut sum = Reconciled::default();
    for folder in 0..=last {
        let done: Reconciled = match &daemon {
            Daemon::Running(client) => client.post("/v1/recordings", &FolderRequest { folder }).await?,
            Daemon::Absent(office) => office.reconcile_recordings(folder).await?,
        };
        sum.add(&done);
        bar.inc(1);
    }
    bar.finish_and_clear();
    if let Daemon::Absent(office) = daemon {
        office.close().await;
    }
    show::line(sum.text().as_deref().unwrap_or("recordings and their rows agree"));
    Ok(sum)
}
