//! `trunk`: the first of two trunks flaps, swallows everything, answers 503, for ten minutes.

use std::time::Duration;

use super::network;
use super::scene::Scene;

/// The refusal of a trunk that is overloaded.
const REFUSAL: u16 = 503;

/// Gone and there again.
const FLAP: [Duration; 2] = [Duration::from_secs(7), Duration::from_secs(13)];

pub(crate) async fn carry_out(scene: &mut Scene, rounds: u32) -> anyhow::Result<()> {
    let first = scene.site.far.first().copied().unwrap_or_default();
    scene.restart().await?;
    scene.begin_campaign().await?;
    for round in 1..=rounds {
        scene.pass(Duration::from_secs(40)).await?;
        scene.progress(&format!("round {round}: the first trunk flaps")).await;
        for _ in 0..8 {
            cut_for(scene, first, FLAP[0]).await?;
            scene.pass(FLAP[1]).await?;
        }
        scene.progress(&format!("round {round}: it swallows everything")).await;
        cut_for(scene, first, Duration::from_secs(120)).await?;
        scene.expect_dialing();
        scene.pass(Duration::from_secs(40)).await?;
        scene.progress(&format!("round {round}: it answers {REFUSAL}")).await;
        scene.site.patients_refuse(0, REFUSAL)?;
        scene.reread(0).await?;
        scene.pass(Duration::from_secs(120)).await?;
        scene.progress(&format!("round {round}: both refuse")).await;
        scene.site.patients_refuse(1, REFUSAL)?;
        scene.reread(1).await?;
        scene.pass(Duration::from_secs(40)).await?;
        for far in 0..2 {
            scene.site.patients_answer(far)?;
            scene.reread(far).await?;
        }
        scene.progress(&format!("round {round}: both answer again")).await;
        scene.pass(Duration::from_secs(80)).await?;
    }
    scene.settle(Duration::from_secs(300)).await?;
    scene.stop().await
}

/// Nothing to and from this far end's signalling arrives; its media does.
async fn cut_for(scene: &mut Scene, port: u16, lasts: Duration) -> anyhow::Result<()> {
    network::cut(&[port])?;
    let passed = scene.pass(lasts).await;
    network::mend()?;
    passed
}
