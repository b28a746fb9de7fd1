//! SIGHUP: the settings are read again; what can change does, what cannot is named. A faulty file changes nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;

use super::log::Level;
use crate::cli::check;
use crate::config::{self, Settings, Takes, changes};
use crate::engine::Engine;
use crate::pii::Pii;

/// What a reload starts from.
pub(super) struct Reload {
    file: PathBuf,
    /// The text that the daemon was started with: what cannot change is compared with it.
    begun: Pii<String>,
    /// The text that was last taken over: what can change is compared with it.
    taken: Pii<String>,
    settings: Arc<Settings>,
    drain: Duration,
    level: Level,
}

impl Reload {
    /// The settings that the daemon was started with.
    pub(super) fn new(file: &Path, text: Pii<String>, settings: &Arc<Settings>, level: Level) -> Self {
        Self {
            file: file.to_owned(),
            begun: text.clone(),
            taken: text,
            settings: Arc::clone(settings),
            drain: settings.place.drain,
            level,
        }
    }

    /// How long talks may go on when the daemon stops.
    pub(super) fn drain(&self) -> Duration {
        self.drain
    }

    /// Reads the file again and tells, line by line, what changed and what waits for a restart.
    pub(super) fn reload(&mut self, engine: &Engine) -> anyhow::Result<Vec<String>> {
        let shown = self.file.display().to_string();
        let text = Pii::new(std::fs::read_to_string(&self.file).with_context(|| format!("cannot read {shown}"))?);
        let (settings, warnings) = config::load(&self.file)?;
        let mut faults = check::everything(&settings);
        faults.extend(settings.trunks.iter().filter_map(super::without_credential));
        anyhow::ensure!(faults.is_empty(), "it was checked, and:\n{}", faults.join("\n"));
        let mut told: Vec<String> = warnings.iter().map(|warning| format!("{shown}:{warning}")).collect();
        let live = changes(self.taken.reveal(), text.reveal());
        let live = live.into_iter().filter(|change| change.takes == Takes::Live);
        told.extend(live.map(|change| format!("{shown}:{} {}: changed", change.line, change.key)));
        let begun = changes(self.begun.reveal(), text.reveal());
        let waiting = begun.into_iter().filter(|change| change.takes == Takes::Restart);
        told.extend(waiting.map(|change| {
            let (line, key) = (change.line, change.key);
            format!("{shown}:{line} {key}: cannot change while it runs; restart to apply")
        }));
        // The prompts stand where they stood at the start.
        let prompts = engine.reload_prompts(&self.settings)?;
        told.push(format!("{prompts} prompts were loaded anew for calls that begin now"));
        (self.level)(settings.place.log)?;
        if self.same_trunks(&settings) {
            engine.retune(&settings)?;
        }
        self.drain = settings.place.drain;
        self.taken = text;
        Ok(told)
    }

    fn same_trunks(&self, settings: &Settings) -> bool {
        let same = |(old, new): (&config::Trunk, &config::Trunk)| old.name == new.name && old.address == new.address;
        let pairs = self.settings.trunks.iter().zip(&settings.trunks);
        self.settings.trunks.len() == settings.trunks.len() && pairs.clone().all(same)
    }
}
