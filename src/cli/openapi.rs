//! `aftercall openapi`: the description of the console's API.

use std::process::ExitCode;

use clap::Args;

use super::show;
use crate::http::console;

/// Print the description of the console's API (OpenAPI 3.1, JSON), as web/openapi.json holds it.
#[derive(Debug, Args)]
pub(super) struct Openapi {}

impl Openapi {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        show::line(console::openapi_text().trim_end());
        Ok(ExitCode::SUCCESS)
    }
}
