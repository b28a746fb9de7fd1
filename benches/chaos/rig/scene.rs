//! A run under way: the far ends, the daemon that comes and goes, and what is noticed meanwhile.

use std::collections::BTreeMap;
use std::time::Duration;

use aftercall::engine::clock::Clock;
use aftercall::store::KeptIn;
use anyhow::{Context, ensure};
use serde::Deserialize;

use super::Work;
use super::chance::Chance;
use super::evidence::Evidence;
use super::program::{Holding, Program};
use super::site::{CAMPAIGN, Plan, Site, script_name};
use super::stored::{self, Left};

/// What starting, a command or an orderly stop may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often is looked what became of things.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How often the daemon is asked for its figures.
const ASK_EVERY: Duration = Duration::from_secs(5);

/// How often a daemon that ended by itself is started again before the run is given up.
const MOST_DEATHS: usize = 20;

/// A time in which not everything that a patient does can arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spell {
    pub(crate) kind: Kind,
    /// Milliseconds since 1970 by the clock of this machine.
    pub(crate) from: i64,
    pub(crate) to: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// No daemon: the calls of the one before are over with it.
    Dead,
    /// No packet arrives.
    Deaf,
}

/// A moment from which dialing has to go on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Back {
    pub(crate) since: i64,
    /// When the next fault came, if one did.
    pub(crate) until: Option<i64>,
}

/// What was noticed during a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Noticed {
    pub(crate) spells: Vec<Spell>,
    pub(crate) backs: Vec<Back>,
    /// Numbers whose follow-up has a committed final outcome, and when that was seen first.
    pub(crate) closed: BTreeMap<String, i64>,
    /// From when the daemon's wall clock was how far from ours, in milliseconds.
    pub(crate) offsets: Vec<(i64, i64)>,
    /// How long keys took to the disk, as each daemon said last.
    pub(crate) kept: Vec<KeptIn>,
    /// What should not have happened, whatever the figures say.
    pub(crate) mishaps: Vec<String>,
}

/// The run.
pub(crate) struct Scene {
    pub(crate) site: Site,
    pub(crate) plan: Plan,
    pub(crate) noticed: Noticed,
    pub(crate) chance: Chance,
    pub(crate) evidence: Vec<Evidence>,
    /// What the daemon is started with besides.
    pub(crate) environment: Vec<(String, String)>,
    work: Work,
    clock: Clock,
    far: Vec<Program>,
    daemon: Option<Program>,
    deaths: usize,
    asked: i64,
    fresh: i64,
}

impl Noticed {
    /// The time in milliseconds within which 99 of a hundred keys were on the disk, over all daemons.
    pub(crate) fn kept_p99_ms(&self) -> Option<f64> {
        let mut all = KeptIn::default();
        for kept in &self.kept {
            all.buckets.resize(all.buckets.len().max(kept.buckets.len()), 0);
            for (sum, count) in all.buckets.iter_mut().zip(&kept.buckets) {
                *sum += count;
            }
            all.longest_us = all.longest_us.max(kept.longest_us);
        }
        all.within_ms(990)
    }
}

impl Scene {
    /// The folder and the far ends; the daemon is not started yet.
    pub(crate) async fn open(work: &Work, plan: Plan) -> anyhow::Result<Self> {
        let clock = Clock::start();
        let site = Site::make(&plan, clock.wall().millis(), work.keep)?;
        let mut scene = Self {
            site,
            plan,
            noticed: Noticed::default(),
            chance: Chance::new(work.seed),
            evidence: Vec::new(),
            environment: Vec::new(),
            work: work.clone(),
            clock,
            far: Vec::new(),
            daemon: None,
            deaths: 0,
            asked: 0,
            fresh: 0,
        };
        for (far, port) in scene.site.far.clone().into_iter().enumerate() {
            scene.site.patients_answer(far)?;
            let name = format!("far-end{far}");
            let (listen, script) = (format!("127.0.0.1:{port}"), script_name(far));
            let (log, evidence) = (format!("{name}.jsonl"), format!("{name}.evidence"));
            let arguments = [
                "far-end",
                "--listen",
                &listen,
                "--script",
                &script,
                "--log",
                &log,
                "--evidence",
                &evidence,
            ];
            let mut program = Program::start(&work.far_end, scene.site.folder(), &name, &arguments, &[])?;
            program.wait_for("listening on ", PATIENCE).await?;
            scene.far.push(program);
            scene.evidence.push(Evidence::of(scene.site.file(&evidence)));
        }
        Ok(scene)
    }

    /// Milliseconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        self.clock.wall().millis()
    }

    /// The same by the daemon's clock.
    pub(crate) fn daemon_now(&self) -> i64 {
        self.now() + self.noticed.offsets.last().map_or(0, |(_, offset)| *offset)
    }

    /// Starts the daemon, and does not wait for it.
    pub(crate) fn launch(&mut self) -> anyhow::Result<()> {
        let arguments = ["run", "--log", &self.work.log];
        let (program, folder) = (&self.work.program, self.site.folder());
        self.daemon = Some(Program::start(program, folder, "run", &arguments, &self.environment)?);
        self.noticed.kept.push(KeptIn::default());
        self.end_spell();
        Ok(())
    }

    /// The spell that has no end yet ends now.
    pub(crate) fn end_spell(&mut self) {
        let now = self.now();
        if let Some(spell) = self.noticed.spells.last_mut().filter(|spell| spell.to == i64::MAX) {
            spell.to = now;
        }
    }

    /// Waits until the launched daemon is ready.
    pub(crate) async fn wait_until_ready(&mut self) -> anyhow::Result<()> {
        let daemon = self.daemon.as_mut().context("no daemon was launched")?;
        daemon.wait_for("aftercall is ready", PATIENCE).await?;
        Ok(())
    }

    /// Starts the daemon and waits until it is ready; from its launch on it has to dial.
    pub(crate) async fn restart(&mut self) -> anyhow::Result<()> {
        self.launch()?;
        self.expect_dialing();
        self.wait_until_ready().await
    }

    /// From now on dialing has to go on, as far as somebody is left who was never called.
    pub(crate) fn expect_dialing(&mut self) {
        let since = self.now();
        if self.fresh > 0 {
            self.noticed.backs.push(Back { since, until: None });
        }
    }

    /// A fault is about to come: what is expected ends here.
    pub(crate) fn expect_nothing(&mut self) {
        let now = self.now();
        if let Some(back) = self.noticed.backs.last_mut() {
            back.until = back.until.or(Some(now));
        }
    }

    /// SIGKILL, without a warning.
    pub(crate) async fn kill(&mut self) -> anyhow::Result<()> {
        let daemon = self.daemon.take().context("no daemon runs")?;
        self.expect_nothing();
        let from = self.now();
        daemon.kill().await?;
        self.begin(Kind::Dead, from);
        Ok(())
    }

    /// A spell begins that has no end yet.
    pub(crate) fn begin(&mut self, kind: Kind, from: i64) {
        let to = i64::MAX;
        self.noticed.spells.push(Spell { kind, from, to });
    }

    /// Stores the campaign and its list through the running daemon, and starts it.
    pub(crate) async fn begin_campaign(&mut self) -> anyhow::Result<()> {
        self.command(&["campaign", "add", "campaign.toml"]).await?;
        self.command(&["import", "--campaign", CAMPAIGN, "--due", "now", "discharged.csv"])
            .await?;
        self.command(&["campaign", "start", CAMPAIGN]).await?;
        self.look().await
    }

    /// A command of the daemon's own program, run to its end.
    pub(crate) async fn command(&self, arguments: &[&str]) -> anyhow::Result<String> {
        Program::succeed(&self.work.program, self.site.folder(), arguments, PATIENCE * 5).await
    }

    /// Looks what became of things: which follow-ups are closed, whether the daemon still runs.
    pub(crate) async fn look(&mut self) -> anyhow::Result<()> {
        for evidence in &mut self.evidence {
            evidence.refresh()?;
        }
        let now = self.now();
        // While the database is locked or away, nothing is learnt.
        if let Ok(closed) = stored::closed(&self.site.database()).await {
            for number in closed {
                self.noticed.closed.entry(number).or_insert(now);
            }
        }
        if let Ok(fresh) = stored::never_called(&self.site.database(), self.daemon_now()).await {
            self.fresh = fresh;
        }
        for far in &mut self.far {
            let ended = far.ended()?;
            ensure!(ended.is_none(), "a far end ended by itself: {ended:?}");
        }
        let ended = self.daemon.as_mut().map(Program::ended).transpose()?.flatten();
        if let Some(how) = ended {
            self.daemon = None;
            self.deaths += 1;
            self.noticed.mishaps.push(format!("the daemon ended by itself: {how}"));
            ensure!(self.deaths <= MOST_DEATHS, "the daemon ends by itself again and again");
            self.expect_nothing();
            self.begin(Kind::Dead, now);
            self.restart().await?;
        }
        Ok(())
    }

    /// Asks the daemon for its own figures, as far as it tells them.
    pub(crate) async fn ask(&mut self) {
        self.asked = self.now();
        let asking = Program::succeed(
            &self.work.program,
            self.site.folder(),
            &["status", "--json"],
            LOOK_EVERY * 10,
        );
        let Ok(said) = asking.await else { return };
        let status = serde_json::from_str(&said).unwrap_or(serde_json::Value::Null);
        let kept = find(&status, "kept_in").and_then(|kept| KeptIn::deserialize(kept).ok());
        if let (Some(kept), Some(last)) = (kept, self.noticed.kept.last_mut()) {
            *last = kept;
        }
    }

    /// Lets time pass, and looks.
    pub(crate) async fn pass(&mut self, duration: Duration) -> anyhow::Result<()> {
        let until = self.now() + i64::try_from(duration.as_millis())?;
        loop {
            let left = until - self.now();
            if left <= 0 {
                return Ok(());
            }
            tokio::time::sleep(LOOK_EVERY.min(Duration::from_millis(left.unsigned_abs()))).await;
            self.look().await?;
            if self.now() - self.asked > i64::try_from(ASK_EVERY.as_millis())? {
                self.ask().await;
            }
        }
    }

    /// What is left to do; none while the database does not answer.
    pub(crate) async fn left(&self) -> Option<Left> {
        stored::left(&self.site.database(), self.daemon_now()).await.ok()
    }

    /// Waits until nobody is due any more, at most so long.
    pub(crate) async fn settle(&mut self, most: Duration) -> anyhow::Result<()> {
        let until = self.now() + i64::try_from(most.as_millis())?;
        loop {
            let is_done = self.left().await.is_some_and(|left| left.open == 0 && left.soon == 0);
            if is_done || self.now() > until {
                break;
            }
            self.pass(LOOK_EVERY).await?;
        }
        // What a far end still holds ten seconds after the last restart is an orphan: not before.
        let last = self.noticed.spells.last().map_or(0, |spell| spell.to);
        let rest = last + super::verdict::ORPHAN_AFTER_MS + 500 - self.now();
        if rest > 0 && last < i64::MAX {
            self.pass(Duration::from_millis(rest.unsigned_abs())).await?;
        }
        Ok(())
    }

    /// Stops the daemon, orderly.
    pub(crate) async fn stop(&mut self) -> anyhow::Result<()> {
        self.ask().await;
        self.look().await?;
        self.expect_nothing();
        if let Some(daemon) = self.daemon.take()
            && let Err(error) = daemon.terminate(PATIENCE).await
        {
            self.noticed.mishaps.push(format!("{error:#}"));
        }
        for evidence in &mut self.evidence {
            evidence.refresh()?;
        }
        Ok(())
    }

    /// Has a far end read its script again.
    pub(crate) async fn reread(&self, far: usize) -> anyhow::Result<()> {
        self.far.get(far).context("no such far end")?.signal("HUP").await
    }

    /// What the daemon holds.
    pub(crate) fn holding(&self) -> Option<Holding> {
        self.daemon.as_ref().and_then(|daemon| daemon.holding().ok())
    }

    /// Tells how far it is.
    pub(crate) async fn progress(&self, what: &str) {
        let left = self.left().await;
        let (attempts, closed) = left.map_or((0, 0), |left| (left.attempts, left.closed));
        let calls: usize = self.evidence.iter().map(|evidence| evidence.calls.len()).sum();
        let held: usize = self.evidence.iter().map(Evidence::held).sum();
        tell(&format!(
            "{what}: {attempts} attempts, {calls} calls seen, {held} held by the far end, {closed} of {} closed",
            self.plan.patients
        ));
    }
}

/// A line of progress.
#[expect(clippy::print_stderr, reason = "standard output belongs to the figures")]
pub(crate) fn tell(what: &str) {
    eprintln!("chaos: {what}");
}

/// The first value of that name, wherever it stands.
fn find<'a>(value: &'a serde_json::Value, name: &str) -> Option<&'a serde_json::Value> {
    match value {
        serde_json::Value::Object(map) => map
            .get(name)
            .or_else(|| map.values().find_map(|inner| find(inner, name))),
        serde_json::Value::Array(list) => list.iter().find_map(|inner| find(inner, name)),
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::String(_) => None,
    }
}
