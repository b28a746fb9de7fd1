//! `soak`: thousands of calls at fifty at once, and an import meanwhile: what the daemon holds must not grow, and its
//! sums must be those of the far end.

use std::collections::BTreeMap;
use std::time::Duration;

use super::program::Holding;
use super::scene::{Scene, tell};
use super::stored::Stored;

/// Calls at one time.
pub(crate) const AT_ONCE: f64 = 50.0;

/// How long a call takes, from INVITE to BYE.
pub(crate) const CALL_S: f64 = 7.0;

/// How often is looked what the daemon holds.
const SAMPLE_EVERY: Duration = Duration::from_secs(10);

/// Until the daemon holds what it will: this share of the run.
const WARM_UP: f64 = 0.25;

/// Resident memory may grow by this.
const MEGABYTES_AN_HOUR: f64 = 1.0;

/// A slope is told from noise only after this.
const LEAST_MINUTES: f64 = 10.0;

/// Rows of the list that is imported while calls run.
const IMPORTED: u32 = 100_000;

pub(crate) async fn carry_out(scene: &mut Scene) -> anyhow::Result<()> {
    scene.restart().await?;
    scene.begin_campaign().await?;
    let patients = f64::from(scene.plan.patients);
    let expected = patients / scene.plan.pace;
    let now = scene.now();
    scene
        .site
        .write_idle_campaign(&scene.plan, "idle", now, IMPORTED.min(scene.plan.patients * 10))?;
    let mut samples: Vec<(f64, Holding)> = Vec::new();
    let mut imports = 0;
    loop {
        scene.pass(SAMPLE_EVERY).await?;
        let minutes = (scene.now() - now) as f64 / 60_000.0;
        let Some(left) = scene.left().await else { continue };
        if let Some(holding) = scene.holding() {
            samples.push((minutes, holding));
            let Holding { rss_kb, files, threads } = holding;
            scene
                .progress(&format!(
                    "{minutes:.1} min, {rss_kb} kB, {files} files, {threads} threads"
                ))
                .await;
        }
        if left.open == 0 && left.soon == 0 {
            break;
        }
        if minutes * 60.0 > expected * 1.5 + 300.0 {
            scene.noticed.mishaps.push("not all calls were over in time".to_owned());
            break;
        }
        // Within the warm-up: what an import needs once is not what a call leaves behind.
        if imports == 0 && left.attempts as f64 > patients * WARM_UP / 2.0 {
            imports = 1;
            scene.command(&["campaign", "add", "idle.toml"]).await?;
            scene
                .command(&["import", "--campaign", "idle", "--due", "now", "idle.csv"])
                .await?;
            scene.ask().await;
        }
    }
    scene.stop().await?;
    let from = samples.last().map_or(0.0, |(minutes, _)| minutes * WARM_UP);
    samples.retain(|(minutes, _)| *minutes >= from);
    // While the last calls end, threads and files are those of fewer calls.
    weigh(&samples, &mut scene.noticed.mishaps);
    sum_up(scene).await
}

fn weigh(samples: &[(f64, Holding)], mishaps: &mut Vec<String>) {
    let (Some((begin, first)), Some((end, _))) = (samples.first(), samples.last()) else {
        return;
    };
    let slope = slope(samples) * 60.0 / 1_024.0;
    tell(&format!(
        "resident memory grows by {slope:.2} MB an hour after the warm-up"
    ));
    if slope > MEGABYTES_AN_HOUR && end - begin >= LEAST_MINUTES {
        mishaps.push(format!(
            "resident memory grows by {slope:.2} MB an hour, required is less than {MEGABYTES_AN_HOUR}"
        ));
    }
    let half = begin + (end - begin) / 2.0;
    let most = |of: fn(&Holding) -> u64, late: bool| {
        let part = samples.iter().filter(|(minutes, _)| (*minutes > half) == late);
        part.map(|(_, holding)| of(holding)).max().unwrap_or(0)
    };
    let files = |holding: &Holding| holding.files;
    let threads = |holding: &Holding| holding.threads;
    // Files are those of the calls under way, which chance spreads.
    if most(files, true) > most(files, false) + most(files, false) / 4 {
        mishaps.push(format!(
            "open files went from {} to {}",
            most(files, false),
            most(files, true)
        ));
    }
    if most(threads, true) > most(threads, false).max(first.threads) {
        mishaps.push(format!(
            "threads went from {} to {}",
            most(threads, false),
            most(threads, true)
        ));
    }
}

/// Kilobytes a minute, by least squares.
fn slope(samples: &[(f64, Holding)]) -> f64 {
    let many = samples.len() as f64;
    let (mut sum_x, mut sum_y) = (0.0, 0.0);
    for (x, holding) in samples {
        sum_x += x;
        sum_y += holding.rss_kb as f64;
    }
    let (mean_x, mean_y) = (sum_x / many, sum_y / many);
    let (mut above, mut below) = (0.0, 0.0);
    for (x, holding) in samples {
        above += (x - mean_x) * (holding.rss_kb as f64 - mean_y);
        below += (x - mean_x) * (x - mean_x);
    }
    if below > 0.0 { above / below } else { 0.0 }
}

/// Calls, keys, and every call's keys, on both sides.
async fn sum_up(scene: &mut Scene) -> anyhow::Result<()> {
    let stored = Stored::read(&scene.site.database()).await?;
    let ours: BTreeMap<String, &str> = stored
        .attempts
        .iter()
        .filter_map(|attempt| Some((attempt.call_ids().pop()?, attempt.keys.as_str())))
        .collect();
    let calls = scene.evidence.iter().flat_map(|evidence| &evidence.calls);
    let theirs: BTreeMap<String, String> = calls
        .map(|call| (call.call_id.clone(), call.keys.iter().map(|key| key.key).collect()))
        .collect();
    let keys = |sums: &mut dyn Iterator<Item = usize>| sums.sum::<usize>();
    let (our_keys, their_keys) = (
        keys(&mut ours.values().map(|keys| keys.len())),
        keys(&mut theirs.values().map(String::len)),
    );
    tell(&format!(
        "calls: {} and {}, keys: {our_keys} and {their_keys}",
        ours.len(),
        theirs.len()
    ));
    let differing = theirs
        .iter()
        .filter(|(call_id, keys)| ours.get(*call_id) != Some(&keys.as_str()));
    let differing = differing.count();
    if differing > 0 || ours.len() != theirs.len() {
        scene.noticed.mishaps.push(format!(
            "{differing} calls differ from what the far end saw; calls: {} and {}",
            ours.len(),
            theirs.len()
        ));
    }
    Ok(())
}
