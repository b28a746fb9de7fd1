//! The engine and its office in the test's own process.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use aftercall::calendar::Hours;
use aftercall::config;
use aftercall::control::{Snapshot, Told};
use aftercall::engine::clock::Clock;
use aftercall::engine::office::{CallLine, CampaignText, Due, HandCallRequest};
use aftercall::engine::{Engine, Office, open_store};
use aftercall::moment::Moment;
use aftercall::outcome::Disposition;
use aftercall::phone::Number;
use tokio::sync::broadcast::Receiver;

use crate::far_side::{FarSide, Seen};
use crate::site::{CAMPAIGN, QUESTIONNAIRE, Site};

/// Whatever a test waits for comes within this time, on a busy machine too.
pub(crate) const PATIENCE: Duration = Duration::from_secs(80);

/// A running engine behind its office, its site and its far end.
pub(crate) struct House {
    pub(crate) site: Site,
    pub(crate) office: Arc<Office>,
    far_side: FarSide,
}

impl House {
    /// Opens one, with patients who do what the script says.
    pub(crate) async fn open(behaviours: &str) -> Self {
        Self::open_by(behaviours, |_, _| ()).await
    }

    /// The same with other settings, written when the far end's address is known.
    pub(crate) async fn open_by(behaviours: &str, settings: impl FnOnce(&Site, SocketAddr)) -> Self {
        let site = Site::new();
        let far_side = FarSide::start(&site, behaviours);
        settings(&site, far_side.address());
        let (settings, warnings) = config::load(&site.file("aftercall.toml")).unwrap();
        assert!(warnings.is_empty(), "{warnings:?}");
        let clock = Clock::start();
        let store = open_store(&settings, clock.clone()).await.unwrap();
        let engine = Engine::start(&settings, &store, clock.clone()).unwrap();
        let office = Office::new(Arc::new(settings), store, clock, Some(engine), Hours::AnyTime);
        Self {
            site,
            office: Arc::new(office),
            far_side,
        }
    }

    /// Calls a number by hand; how it ended, and after what time.
    pub(crate) async fn call(&self, number: &str) -> (Disposition, Duration) {
        let clock = Clock::start();
        let asked = HandCallRequest {
            number: Number::parse(number).unwrap(),
            trunk: None,
            dialplan_file: "questionnaire.toml".to_owned(),
            dialplan_text: QUESTIONNAIRE.to_owned(),
        };
        let mut call = self.office.call(asked).await.unwrap();
        while let Some(line) = within(call.lines.recv()).await {
            match line {
                CallLine::Ended { disposition, .. } => return (disposition, clock.now().since(Moment::ZERO)),
                CallLine::Warning(text) | CallLine::Failed(text) => panic!("{text}"),
                CallLine::Observed { .. } => {}
            }
        }
        panic!("the call did not end");
    }

    /// Stores the campaign and a list of these numbers, due now.
    pub(crate) async fn campaign(&self, numbers: &[&str]) {
        let added = self.office.add_campaign(self.campaign_text()).await.unwrap();
        assert!(added.warnings.is_empty(), "{:?}", added.warnings);
        let list = self.site.list(numbers);
        let imported = self
            .office
            .import(CAMPAIGN, "discharged.csv", &list.as_bytes().into(), Due::Now)
            .await
            .unwrap();
        assert_eq!(
            imported.cases,
            numbers.len() as u64,
            "{}",
            imported.report.text(20, None)
        );
    }

    pub(crate) fn campaign_text(&self) -> CampaignText {
        CampaignText {
            file: "campaign.toml".to_owned(),
            text: self.site.read("campaign.toml"),
            dialplan_file: "questionnaire.toml".to_owned(),
            dialplan_text: QUESTIONNAIRE.to_owned(),
        }
    }

    /// Everything that happens from now on.
    pub(crate) fn follow(&self) -> Receiver<Told> {
        self.office.engine().unwrap().watcher().follow()
    }

    /// Ends engine, store and far end; the last picture, and what the far end saw.
    pub(crate) async fn close(self) -> (Site, Snapshot, Vec<Seen>) {
        let engine = self.office.engine().unwrap();
        within(engine.shut_down()).await;
        let last = engine.watcher().snapshot();
        self.office.store().close().await;
        let seen = self.far_side.stop(&self.site);
        (self.site, last, seen)
    }
}

/// Waits for something that has to come.
pub(crate) async fn within<T>(coming: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, coming).await.unwrap()
}

/// Waits until so many attempts have ended.
pub(crate) async fn ended(told: &mut Receiver<Told>, many: usize) {
    let mut left = many;
    while left > 0 {
        if let Told::Ended { .. } = within(told.recv()).await.unwrap() {
            left -= 1;
        }
    }
}
