//! Plays scenarios side by side: each is a trunk with one patient, called once.

use std::time::Duration;

use crate::rig::attempts::{self, Attempt};
use crate::rig::capture::{Capture, Captured};
use crate::rig::daemon::{Campaign, Site, Trunk};
use crate::rig::folder::Folder;
use crate::rig::pcap::{Keys, Press};
use crate::rig::scenario::{Scenario, Voice};
use crate::rig::table::Table;
use crate::rig::{database, network, night};

/// Seconds that a patient's phone rings.
const RING_S: u32 = 5;
const NIGHT: Duration = Duration::from_secs(150);

/// A scenario, and what has to come of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scene {
    name: &'static str,
    file: &'static str,
    values: &'static [(&'static str, &'static str)],
    presses: &'static [Press],
    keys: Keys,
    seconds: usize,
    transport: &'static str,
    more: &'static str,
    loses: Option<[u8; 4]>,
    moves: u16,
    announces: u16,
    expected: &'static str,
}

impl Scene {
    pub(crate) const fn new(
        name: &'static str,
        file: &'static str,
        presses: &'static [Press],
        expected: &'static str,
    ) -> Self {
        Self {
            name,
            file,
            values: &[],
            presses,
            keys: Keys::Whole,
            seconds: 40,
            transport: "u1",
            more: "",
            loses: None,
            moves: 0,
            announces: 0,
            expected,
        }
    }

    /// Values of its scenario.
    pub(crate) const fn with(self, values: &'static [(&'static str, &'static str)]) -> Self {
        Self { values, ..self }
    }

    /// Two of three requests of ours that begin with these four letters are lost.
    pub(crate) const fn losing(self, beginning: [u8; 4]) -> Self {
        Self {
            loses: Some(beginning),
            ..self
        }
    }

    /// The voice comes from so many ports beside the one that the SDP announces.
    pub(crate) const fn moving(self, moves: u16) -> Self {
        Self { moves, ..self }
    }

    /// Our voice has to go so many ports beside the one that its first SDP names.
    pub(crate) const fn announcing(self, announces: u16) -> Self {
        Self { announces, ..self }
    }

    /// A further line of the trunk's settings.
    pub(crate) const fn set(self, more: &'static str) -> Self {
        Self { more, ..self }
    }

    /// SIP over TCP, with the line of the trunk's settings that says so.
    pub(crate) const fn over_tcp(self, more: &'static str) -> Self {
        Self {
            transport: "t1",
            more,
            ..self
        }
    }

    /// Other keys, or keys that come damaged.
    pub(crate) const fn saying(self, presses: &'static [Press], keys: Keys) -> Self {
        Self { presses, keys, ..self }
    }
}

/// What came of all scenes.
#[derive(Debug)]
pub(crate) struct Played {
    site: Site,
    captured: Captured,
    /// The port from which each scene's patient speaks.
    voices: Vec<(&'static str, u16)>,
    _folder: Folder,
}

/// Plays all scenes at once; fails unless each ends as expected, by our account and by SIPp's.
pub(crate) fn play(test: &str, scenes: &[Scene]) -> Played {
    let folder = Folder::new(test);
    let mut table = Table::new(test);
    let place = |index: usize| folder.inside(&format!("{index:02}"));
    let begin = |(index, scene): (usize, &Scene)| {
        let voice = Voice {
            presses: scene.presses,
            keys: scene.keys,
            seconds: scene.seconds,
        };
        Scenario::start(&place(index), scene.file, scene.values, voice, scene.transport)
    };
    let peers: Vec<Scenario> = scenes.iter().enumerate().map(begin).collect();
    let names: Vec<String> = (0..scenes.len()).map(|index| format!("scene{index:02}")).collect();
    let trunks: Vec<Trunk<'_>> = peers
        .iter()
        .zip(&names)
        .zip(scenes)
        .map(|((peer, name), scene)| Trunk {
            more: scene.more,
            ..Trunk::open(name, peer.port())
        })
        .collect();
    let voices = scenes
        .iter()
        .map(|scene| scene.name)
        .zip(
            peers
                .iter()
                .zip(scenes)
                .map(|(peer, scene)| peer.voice_port() + scene.moves + scene.announces),
        )
        .collect();
    for (scene, peer) in scenes.iter().zip(&peers) {
        if let Some(beginning) = scene.loses {
            network::lose_all_but(3, peer.port(), beginning);
        }
        if scene.moves > 0 {
            network::move_source(peer.voice_port(), peer.voice_port() + scene.moves);
        }
    }
    let site = Site::new(&folder.inside("site"), &trunks);
    let capture = Capture::start(folder.path());
    let daemon = site.run();
    let numbers = night::numbers(scenes.len());
    for (name, number) in names.iter().zip(&numbers) {
        night::begin(&site, &Campaign::over(name, name, RING_S), std::slice::from_ref(number));
    }
    let campaigns: Vec<&str> = names.iter().map(String::as_str).collect();
    night::wait_until_over(&site, &daemon, &campaigns, NIGHT);
    let verdicts: Vec<String> = peers
        .into_iter()
        .enumerate()
        .map(|(index, peer)| peer.finish(&place(index)))
        .collect();
    daemon.stop();
    let captured = capture.finish();
    let attempts = attempts::read(&site);

    let mut faults = Vec::new();
    for ((scene, name), verdict) in scenes.iter().zip(&names).zip(&verdicts) {
        let results: Vec<&Attempt> = attempts.iter().filter(|attempt| attempt.trunk == *name).collect();
        let got = results
            .first()
            .map_or_else(|| "no attempt".to_owned(), |attempt| told(attempt));
        let row = format!("{test}: {}", scene.name);
        let is_right = table.compare(&row, scene.expected, &got);
        if !is_right || verdict != "as written" || results.len() != 1 {
            let rules: Vec<&str> = results.iter().map(|attempt| attempt.rule.as_str()).collect();
            faults.push(format!("{} ({name}): {got} by {rules:?}; SIPp: {verdict}", scene.name));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    captured.assert_well_formed(&site);
    Played {
        site,
        captured,
        voices,
        _folder: folder,
    }
}

/// The facts of an attempt in a few words.
fn told(attempt: &Attempt) -> String {
    let facts = &attempt.facts;
    let mut told = attempt.disposition.clone();
    for (before, fact, behind) in [
        ("", &facts["final_status"], ""),
        ("cause ", &facts["q850"], ""),
        ("retry after ", &facts["retry_after"], " s"),
    ] {
        if !fact.is_null() {
            told += &format!(" {before}{fact}{behind}");
        }
    }
    if !attempt.keys.is_empty() {
        told += &format!(" keys {}", attempt.keys);
    }
    let by = facts["ended_by"].as_str().unwrap_or_default();
    if attempt.is_answered || by != "far_end" {
        told += &format!(", ended by {by}");
    }
    told
}

impl Played {
    fn place(&self, scene: &str) -> usize {
        self.voices
            .iter()
            .position(|(name, _)| *name == scene)
            .expect("a scene")
    }

    /// How many counted attempts the case of a scene has.
    pub(crate) fn counted(&self, scene: &str) -> u32 {
        let campaign = format!("scene{:02}", self.place(scene));
        let query = "select c.name, cast(k.counted as text) from cases k join campaign c on c.id = k.campaign_id";
        let rows = database::rows::<2>(&self.site.database(), query);
        let row = rows.iter().find(|[name, _]| *name == campaign);
        row.and_then(|[_, counted]| counted.parse().ok())
            .expect("one case a campaign")
    }

    /// Fails unless what we said in a scene went to the port from which its patient spoke.
    pub(crate) fn our_voice_goes_to_the_voice_of(&self, scene: &str) {
        let theirs = self.voices[self.place(scene)].1;
        let packets = self.captured.datagrams_to(theirs);
        assert!(packets > 300, "{scene}: only {packets} packets went to {theirs}");
    }

    /// Fails when we spoke to a port that the patient of a scene had given up before it answered: silence may have gone
    /// there meanwhile.
    pub(crate) fn nothing_goes_to(&self, scene: &str, below: u16) {
        let given_up = self.voices[self.place(scene)].1 - below;
        let packets = self.captured.datagrams_to(given_up);
        assert!(
            packets <= 3,
            "{scene}: {packets} packets went to {given_up}, which was given up before the answer"
        );
    }
}
