//! `partition`: no packet arrives, either way, for a minute.

use std::time::Duration;

use super::network;
use super::scene::{Kind, Scene};

const PARTED: Duration = Duration::from_secs(60);

/// Before and after.
const WHOLE: Duration = Duration::from_secs(25);

pub(crate) async fn carry_out(scene: &mut Scene, rounds: u32) -> anyhow::Result<()> {
    scene.restart().await?;
    scene.begin_campaign().await?;
    for round in 1..=rounds {
        scene.pass(WHOLE).await?;
        scene.progress(&format!("partition {round} of {rounds} begins")).await;
        scene.expect_nothing();
        let from = scene.now();
        network::cut(&[])?;
        scene.begin(Kind::Deaf, from);
        scene.pass(PARTED).await?;
        network::mend()?;
        scene.end_spell();
        scene.expect_dialing();
        scene.progress(&format!("partition {round} of {rounds} is over")).await;
        scene.pass(WHOLE).await?;
    }
    // Whoever was on the line when it was cut has been hung up on by now, or never is.
    scene.settle(Duration::from_secs(240)).await?;
    scene.stop().await
}
