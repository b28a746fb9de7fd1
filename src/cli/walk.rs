//! `aftercall walk FILE`: a dialplan in the terminal, without a telephone.

use std::fs;
use std::io::{BufRead, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::dialplan::{self, Dialplan, Intent, Walk};

/// Walk through a dialplan in the terminal: keys from the keyboard, no telephone.
///
/// What would be played is shown. 1 or 10 are keys, - is silence, ! hangs up.
#[derive(Debug, clap::Args)]
pub(super) struct WalkArguments {
    /// The dialplan.
    file: std::path::PathBuf,
    /// Print the conversation of these keys instead, as a `.walk` file: "1 1 2 - 10".
    #[arg(long, value_name = "KEYS")]
    script: Option<String>,
    /// Begin in this language, as for a patient whose language is known.
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<String>,
}

impl WalkArguments {
    pub(super) fn run(self) -> Result<std::process::ExitCode> {
        let mode = self.script.map_or(Mode::Talk, Mode::Script);
        let language = self.language.as_deref();
        walk(
            &self.file,
            &mode,
            language,
            std::io::stdin().lock(),
            std::io::stdout().lock(),
        )?;
        Ok(std::process::ExitCode::SUCCESS)
    }
}

const HELP: &str = "按键：1、10、*、##   静默：-   挂断：!   打断提示音：barge 1   立即按：now 9\n\
                    keys: 1, 10, *, ##   silence: -   hang up: !   during the prompt: barge 1   at once: now 9\n";

/// What `walk` does with a dialplan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The person at the terminal answers; one line of intents at a time.
    Talk,
    /// Prints the `.walk` of a script such as `1 barge 2 - 10`.
    Script(String),
}

/// Walks through the dialplan of a file. At the end of the input the person hangs up.
pub fn walk(
    file: &Path,
    mode: &Mode,
    language: Option<&str>,
    input: impl BufRead,
    mut output: impl Write,
) -> Result<()> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let plan = match dialplan::parse(&text) {
        Ok(plan) => plan,
        Err(faults) => {
            for fault in &faults {
                writeln!(output, "{}:{fault}", file.display())?;
            }
            bail!("{} cannot be used: {} faults", file.display(), faults.len());
        }
    };
    match mode {
        Mode::Talk => talk(&plan, language, input, output),
        Mode::Script(script) => {
            let language = language.map_or_else(String::new, |language| format!("language: {language}\n"));
            let head = format!("# {}\n{language}keys: {}\n", plan.title(), script.trim());
            output.write_all(dialplan::replay(&plan, &head)?.as_bytes())?;
            Ok(())
        }
    }
}

fn talk(plan: &Dialplan, language: Option<&str>, input: impl BufRead, mut output: impl Write) -> Result<()> {
    write!(output, "{}\n{HELP}\n", plan.title())?;
    let mut walk = Walk::start_in(plan, language);
    let mut lines = input.lines();
    loop {
        walk.hear_messages();
        for line in walk.take_lines() {
            writeln!(output, "{line}")?;
        }
        if walk.is_over() {
            return Ok(());
        }
        write!(output, "> ")?;
        output.flush()?;
        let Some(line) = lines.next().transpose()? else {
            writeln!(output)?;
            walk.act(&Intent::HangUp);
            continue;
        };
        match dialplan::parse_script(&line) {
            Ok(intents) if intents.is_empty() => walk.act(&Intent::StaySilent),
            Ok(intents) => intents.iter().for_each(|intent| walk.act(intent)),
            Err(error) => writeln!(output, "{error}\n{HELP}")?,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn shipped() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("dialplans/inpatient-satisfaction.toml")
    }

    fn said(mode: &Mode, input: &str) -> String {
        let mut output = Vec::new();
        walk(&shipped(), mode, None, input.as_bytes(), &mut output).unwrap();
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn a_dialplan_is_talked_through_in_the_terminal() {
        let said = said(&Mode::Talk, "1\nbarge 1\nnonsense?\n\n2 3 1 10 -\n");
        assert!(said.contains("heard    identity = 1 患者本人 (keys 1)"), "{said}");
        assert!(said.contains("key      1 (during the prompt)"), "{said}");
        assert!(said.contains("\"nonsense?\" is no intent"), "{said}");
        assert!(said.contains("not-heard"), "{said}");
        assert!(
            said.ends_with("ends     completed; 5 answered, 5 of 5 required, 7 keys\n"),
            "{said}"
        );
    }

    #[test]
    fn the_end_of_the_input_hangs_up() {
        let said = said(&Mode::Talk, "1\n");
        assert!(
            said.ends_with("ends     hung_up; 0 answered, 0 of 5 required, 1 keys\n"),
            "{said}"
        );
    }

    #[test]
    fn a_script_prints_its_walk() {
        let said = said(&Mode::Script("3".to_owned()), "");
        assert!(
            said.starts_with("# 住院满意度回访\nkeys: 3\n\nsays     inpatient-greeting: "),
            "{said}"
        );
        assert!(
            said.ends_with("ends     wrong_number; 0 answered, 0 of 0 required, 1 keys\n"),
            "{said}"
        );
    }

    #[test]
    fn a_faulty_file_is_told_with_its_faults() {
        let mut output = Vec::new();
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        let error = walk(&file, &Mode::Talk, None, "".as_bytes(), &mut output).unwrap_err();
        assert!(error.to_string().contains("cannot be used"), "{error}");
        assert!(String::from_utf8(output).unwrap().contains("unknown key `package`"));
    }
}
