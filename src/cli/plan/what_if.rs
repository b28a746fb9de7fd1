//! What a plan is asked to try instead: `--lines`, `--window`, `--retry`.

use anyhow::{Context, Result, bail};

use crate::calendar::{Pause, Span, Windows};
use crate::engine::forecast::WhatIf;
use crate::outcome::Disposition;

/// Reads the three options.
pub(super) fn read(lines: Option<u16>, window: Option<&str>, retry: &[String]) -> Result<WhatIf> {
    let windows = window
        .map(|spans| {
            let spans: Vec<Span> = spans
                .split(',')
                .map(|span| span.trim().parse())
                .collect::<Result<_, _>>()
                .context("--window takes spans such as \"09:00-12:00,14:00-20:30\"")?;
            let windows = Windows::every_day(&spans)?;
            windows.legal()?;
            anyhow::Ok(windows)
        })
        .transpose()?;
    let retry = retry.iter().map(|text| retry_of(text)).collect::<Result<_>>()?;
    Ok(WhatIf { lines, windows, retry })
}

fn retry_of(text: &str) -> Result<(Disposition, Vec<Pause>)> {
    let expected =
        || format!("--retry takes an ending and its pauses, such as \"no_answer=2h,1d_other_part\", got {text:?}");
    let (ending, pauses) = text.split_once('=').with_context(expected)?;
    let Some(disposition) = Disposition::parse(ending.trim()) else {
        bail!("there is no ending {:?}; docs/outcomes.md lists them", ending.trim());
    };
    let pauses = pauses.split(',').map(|pause| pause.trim().parse());
    let pauses = pauses.collect::<Result<Vec<Pause>, _>>().with_context(expected)?;
    Ok((disposition, pauses))
}
