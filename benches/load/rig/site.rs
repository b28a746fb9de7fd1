//! The folder of a measurement: settings, questionnaire, prompts, discharge list, the patients of the far end.

use std::f64::consts::TAU;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::Context;
use serde::Deserialize;

use super::{CAMPAIGN, Recorded, Work};

/// The folder; it is gone when the measurement is over.
pub(crate) struct Site {
    folder: PathBuf,
}

/// One call as the far end saw it, and its summary: the fields of its log that are needed here.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(crate) enum Seen {
    Call(SeenCall),
    After { fault: String },
    Summary(Summary),
}

/// One call.
#[derive(Debug, Deserialize)]
pub(crate) struct SeenCall {
    pub(crate) call_id: String,
    pub(crate) answered: bool,
    pub(crate) talk_ms: u64,
    pub(crate) packets_received: u64,
    pub(crate) lost: u64,
    pub(crate) paused_ms: u64,
    pub(crate) keys: Vec<SeenKey>,
    sip_faults: Vec<Fault>,
    rtp_faults: Vec<Fault>,
}

#[derive(Debug, Deserialize)]
struct Fault {
    what: String,
}

impl SeenCall {
    /// Mistakes of the daemon in this call.
    pub(crate) fn faults(&self) -> impl Iterator<Item = &str> {
        self.sip_faults
            .iter()
            .chain(&self.rtp_faults)
            .map(|fault| fault.what.as_str())
    }
}

/// A key that was pressed.
#[derive(Debug, Deserialize)]
pub(crate) struct SeenKey {
    pub(crate) key: char,
}

/// The last line.
#[derive(Debug, Deserialize)]
pub(crate) struct Summary {
    pub(crate) most_up: u64,
    pub(crate) late_p50_ms: f64,
    pub(crate) late_p99_ms: f64,
    pub(crate) late_p999_ms: f64,
    pub(crate) late_ms_max: f64,
}

const QUESTIONNAIRE: &str = r#"[dialplan]
id = "load"
title = "负载"
language = "zh-CN"
start = "first"
stop_key = 9
first = "3s"
between = "1s"
repeats = 2
say_invalid = "invalid"
say_silent = "not-heard"

[[question]]
id = "first"
title = "第一题"
required = true
ask = "choice"
asks = "satisfaction"
say = "first"
option = [
    { key = 1, label = "满意", points = 100 },
    { key = 2, label = "比较满意", points = 80 },
    { key = 3, label = "基本满意", points = 60 },
    { key = 4, label = "不满意", points = 0 },
]
satisfied = [1, 2]
next = "second"

[[question]]
id = "second"
title = "第二题"
required = true
ask = "choice"
asks = "satisfaction"
say = "second"
option = [
    { key = 1, label = "满意", points = 100 },
    { key = 2, label = "比较满意", points = 80 },
    { key = 3, label = "基本满意", points = 60 },
    { key = 4, label = "不满意", points = 0 },
]
satisfied = [1, 2]
next = "end.completed"

[end.completed]
say = "goodbye"

[end.refused]
say = "sorry"

[end.silent]
say = "sorry"

[end.opted_out]
say = "sorry"

[prompts]
first = "您好，这里是测试中心。我是智能语音，本次通话将被录音。如果不想再接到这样的电话，请按9。您对护理满意吗？满意请按1，比较满意请按2，基本满意请按3，不满意请按4。"
second = "您对治疗满意吗？满意请按1，比较满意请按2，基本满意请按3，不满意请按4。"
goodbye = "谢谢，再见。"
sorry = "打扰您了，再见。"
invalid = "按键无效，请重新选择。"
not-heard = "没有听到您的按键。"
"#;

/// What the patients press at the two questions: a key stored with another call would be seen.
const PRESSED: [[char; 2]; 4] = [['1', '2'], ['2', '3'], ['3', '4'], ['4', '1']];

/// From the end of a prompt, which is noticed after 200 ms of silence, to the key: a call takes 12.4 s with it.
const PRESS_AFTER: &str = "450ms";

impl Site {
    pub(crate) fn make(work: &Work) -> anyhow::Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("aftercall-load-{}-{n}", std::process::id()));
        let site = Self { folder };
        let prompts = site.folder.join("prompts/zh-CN");
        fs::create_dir_all(&prompts).with_context(|| format!("cannot make {}", prompts.display()))?;
        let [first, second, goodbye] = work.prompts;
        // Nobody hears these. They are long, because a call that they could end at once would be refused.
        let unheard = Duration::from_secs(9);
        let mut manifest = "language = \"zh-CN\"\nhospital = \"测试中心\"\nvoice = \"none\"\n".to_owned();
        let texts: toml::Table = toml::from_str(QUESTIONNAIRE)?;
        for (name, lasts) in [
            ("first", first),
            ("second", second),
            ("goodbye", goodbye),
            ("sorry", unheard),
            ("invalid", unheard),
            ("not-heard", unheard),
        ] {
            hum(&prompts.join(format!("{name}.wav")), lasts)?;
            let text = texts.get("prompts").and_then(|prompts| prompts.get(name));
            let text = text.context("a prompt without text")?;
            manifest += &format!("\n[[prompt]]\nname = \"{name}\"\ntext = {text}\nsynthetic = true\n");
        }
        fs::write(prompts.join("manifest.toml"), manifest)?;
        site.write("questionnaire.toml", QUESTIONNAIRE)?;
        site.write("campaign.toml", &campaign(work))?;
        site.write("discharged.csv", &list(work))?;
        site.write("patients.toml", &patients())?;
        Ok(site)
    }

    /// The settings, once the far end's address is known.
    pub(crate) fn write_settings(&self, work: &Work, far_end: &str) -> anyhow::Result<()> {
        // A daemon of an older build does not know the setting.
        let record = match work.record {
            Recorded::Yes => "",
            Recorded::No => "[media]\nrecord = false\n\n",
        };
        self.write(
            "aftercall.toml",
            &format!(
                "{record}[[trunk]]\nname = \"far\"\naddress = \"{far_end}\"\nlocal = \"127.0.0.1:0\"\n\
                 user = \"057100000000\"\nlines = {}\npace = 100.0\n",
                work.total()
            ),
        )
    }

    pub(crate) fn far_end_arguments(&self) -> Vec<String> {
        "far-end --listen 127.0.0.1:0 --script patients.toml --log far-end.jsonl"
            .split(' ')
            .map(str::to_owned)
            .collect()
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.join("data/aftercall.db")
    }

    /// What the programs said on standard error, the last of it.
    pub(crate) fn last_words(&self) -> String {
        let mut words = String::new();
        for name in ["run", "far-end"] {
            let said = fs::read_to_string(self.folder.join(format!("{name}.err"))).unwrap_or_default();
            let lines: Vec<&str> = said.lines().collect();
            for line in lines.iter().skip(lines.len().saturating_sub(10)) {
                words += &format!("\n  {name}: {line}");
            }
        }
        words
    }

    /// What the far end saw.
    pub(crate) fn seen(&self) -> anyhow::Result<Vec<Seen>> {
        let log = fs::read_to_string(self.folder.join("far-end.jsonl"))?;
        log.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
    }

    fn write(&self, name: &str, text: &str) -> anyhow::Result<()> {
        let file = self.folder.join(name);
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        // A folder that cannot be removed is in the folder for temporary files.
        drop(fs::remove_dir_all(&self.folder));
    }
}

/// The calls start by the clock, not when a line is free: the lines never run out.
fn campaign(work: &Work) -> String {
    let pace = f64::from(work.calls) / work.call_takes.as_secs_f64();
    format!(
        "name = \"{CAMPAIGN}\"\ndialplan = \"questionnaire.toml\"\ntrunk = \"far\"\nbudget = 1\nlines = {}\n\
         pace = {pace:.3}\nring = \"5s\"\n",
        work.total()
    )
}

fn list(work: &Work) -> String {
    let rows = (1..=work.total()).map(|n| format!("ZY{n:06},王芳,138{n:08},骨科,2025-06-01\n"));
    let head = "住院号,姓名,联系电话,出院科室,出院日期\n".to_owned();
    rows.fold(head, |list, row| list + &row)
}

fn patients() -> String {
    let mut script = "[far_end]\nhears = \"silence\"\n".to_owned();
    for [first, second] in PRESSED {
        script += &format!(
            "\n[[behaviour]]\nname = \"presses {first} and {second}\"\nweight = 1\nafter = \"20ms\"\n\
             codec = \"pcmu\"\npress_after = \"{PRESS_AFTER}\"\n\
             keys = {{ \"1\" = \"{first}\", \"2\" = \"{second}\", default = \"none\" }}\n"
        );
    }
    script
}

/// Something to hear, without a pause in it.
fn hum(file: &Path, lasts: Duration) -> anyhow::Result<()> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(file, spec)?;
    let samples = u32::try_from(lasts.as_millis() * 8)?;
    for sample in 0..samples {
        let seconds = f64::from(sample) / 8_000.0;
        let sweep = 180.0 + 40.0 * (TAU * 0.7 * seconds).sin();
        let value = (TAU * sweep * seconds).sin() + 0.5 * (TAU * 2.0 * sweep * seconds).sin();
        writer.write_sample((6_000.0 * value) as i16)?;
    }
    writer.finalize()?;
    Ok(())
}
