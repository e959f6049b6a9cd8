//! Other programs: started in the workspace, with errors that show their command line.

use std::env;
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::abreast::abreast;
use crate::workspace;

/// `program`, to run in the workspace's root with nothing on its standard input.
pub(crate) fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(workspace::root()).stdin(Stdio::null());
    command
}

/// The cargo that runs this program, with `arguments` between blanks.
pub(crate) fn cargo(arguments: &str) -> Command {
    let mut command = program(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments.split_whitespace());
    command
}

/// Runs a command whose output goes where this program's does.
///
/// # Errors
/// It cannot be started, or ends with failure.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| cannot_start(command))?;
    if !status.success() {
        bail!("`{}` ended with {status}", line(command));
    }
    Ok(())
}

/// Runs all commands, whether or not one fails.
///
/// # Errors
/// One for all that failed, a line each.
pub(crate) fn run_all(commands: impl IntoIterator<Item = Command>) -> Result<()> {
    let errors = commands.into_iter().filter_map(|mut command| run(&mut command).err());
    let errors: Vec<String> = errors.map(|error| format!("{error:#}")).collect();
    if !errors.is_empty() {
        bail!(errors.join("\n"));
    }
    Ok(())
}

/// [`run_all`] for each group, one beside the other. Calls of cargo that build in one folder wait for each
/// other and so belong into one group; those of another folder use the cores that a large crate leaves
/// idle.
///
/// # Errors
/// As [`run_all`].
pub(crate) fn run_groups(groups: impl IntoIterator<Item = Vec<Command>>) -> Result<()> {
    let groups: Vec<Mutex<Vec<Command>>> = groups.into_iter().map(Mutex::new).collect();
    let results = abreast(&groups, |group| {
        run_all(std::mem::take(&mut *group.lock().unwrap_or_else(PoisonError::into_inner)))
    });
    let errors = results.into_iter().filter_map(|result| result.err());
    let errors: Vec<String> = errors.map(|error| format!("{error:#}")).collect();
    if !errors.is_empty() {
        bail!(errors.join("\n"));
    }
    Ok(())
}

/// Runs a command when nothing else asks for the cores, and shows nothing of it. What becomes of it is told
/// by whoever runs it again, for its result.
pub(crate) fn run_aside(command: &Command) {
    let mut aside = if cfg!(unix) {
        let mut nice = Command::new("nice");
        nice.args(["-n", "19"]).arg(command.get_program());
        nice
    } else {
        Command::new(command.get_program())
    };
    aside.args(command.get_args()).stdin(Stdio::null());
    if let Some(folder) = command.get_current_dir() {
        aside.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => aside.env(name, value),
            None => aside.env_remove(name),
        };
    }
    let _ = aside.stdout(Stdio::null()).stderr(Stdio::null()).status();
}

/// Runs a command and gives what it wrote to its standard output; the rest is shown.
///
/// # Errors
/// It cannot be started, ends with failure, or writes no UTF-8.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    command.stderr(Stdio::inherit());
    let Output { status, stdout, .. } = command.output().with_context(|| cannot_start(command))?;
    if !status.success() {
        bail!("`{}` ended with {status}", line(command));
    }
    String::from_utf8(stdout).with_context(|| format!("output of `{}`", line(command)))
}

/// [`read`] for a command that may well fail or not be there: then `None`, and nothing is shown.
pub(crate) fn read_quietly(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()
}

/// [`run`] that ends the command when it takes longer than `limit`.
///
/// # Errors
/// As [`run`], or the limit is reached.
pub(crate) fn run_within(limit: Duration, command: &mut Command) -> Result<()> {
    const PAUSE: Duration = Duration::from_millis(50);
    let start = Instant::now();
    let mut child = command.spawn().with_context(|| cannot_start(command))?;
    loop {
        match child.try_wait()? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => bail!("`{}` ended with {status}", line(command)),
            None if start.elapsed() < limit => sleep(PAUSE),
            None => {
                child.kill()?;
                child.wait()?;
                bail!("`{}` took longer than {limit:?}", line(command));
            }
        }
    }
}

/// The command as one would type it: the program without its folder, arguments with blanks quoted.
pub(crate) fn line(command: &Command) -> String {
    let path = Path::new(command.get_program());
    let name = path.file_name().unwrap_or(path.as_os_str());
    let words = std::iter::once(name).chain(command.get_args());
    let words = words.map(|word| {
        let word = word.to_string_lossy();
        if word.contains(char::is_whitespace) { format!("'{word}'") } else { word.into_owned() }
    });
    words.collect::<Vec<_>>().join(" ")
}

fn cannot_start(command: &Command) -> String {
    format!("cannot start `{}`", line(command))
}

#[cfg(all(test, unix))]
mod tests {
    use std::time::Duration;

    use super::{
        line, program, read, read_quietly, run, run_all, run_aside, run_groups, run_within,
    };

    #[test]
    fn a_failure_shows_the_command_line() {
        let mut command = program("/bin/sh");
        command.args(["-c", "exit 7"]);
        assert_eq!(line(&command), "sh -c 'exit 7'");
        let error = run(&mut command).unwrap_err().to_string();
        assert!(error.contains("`sh -c 'exit 7'`") && error.contains('7'), "{error}");
        assert!(read(&mut command).is_err());
        assert_eq!(read_quietly(&mut command), None);

        let error = run(&mut program("no-such-program")).unwrap_err().to_string();
        assert_eq!(error, "cannot start `no-such-program`");
        assert_eq!(read_quietly(&mut program("no-such-program")), None);
    }

    #[test]
    fn every_failure_is_told() {
        let names = ["no-such-program", "true", "false", "true"];
        let error = run_all(names.map(program)).unwrap_err().to_string();
        let lines: Vec<&str> = error.lines().collect();
        assert_eq!(lines.len(), 2, "{error}");
        assert!(lines[0].starts_with("cannot start `no-such-program`"), "{error}");
        assert!(lines[1].starts_with("`false` ended with"), "{error}");
        assert!(run_all([program("true")]).is_ok());
    }

    #[test]
    fn every_failure_of_every_group_is_told() {
        let group = |names: [&str; 2]| names.map(program).into();
        let groups = [["false", "true"], ["true", "true"], ["no-such-program", "false"]];
        let error = run_groups(groups.map(group)).unwrap_err().to_string();
        let lines: Vec<&str> = error.lines().collect();
        assert_eq!(lines.len(), 3, "{error}");
        assert!(lines[1].starts_with("cannot start `no-such-program`"), "{error}");
        assert!(run_groups([["true", "true"]; 3].map(group)).is_ok());
    }

    #[test]
    fn what_runs_aside_is_the_same_command() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = program("sh");
        command.args(["-c", "echo $A$B > file"]).current_dir(folder.path());
        run_aside(command.env("A", "two words").env_remove("B"));
        let written = std::fs::read_to_string(folder.path().join("file")).unwrap();
        assert_eq!(written, "two words\n");
        run_aside(&program("no-such-program"));
    }

    #[test]
    fn output_is_read() {
        let mut echo = program("echo");
        echo.arg("two words");
        assert_eq!(read(&mut echo).unwrap(), "two words\n");
        assert_eq!(read_quietly(&mut echo).unwrap(), "two words\n");
    }

    #[test]
    fn a_command_that_hangs_is_ended() {
        let limit = Duration::from_millis(100);
        let error = run_within(limit, program("sleep").arg("60")).unwrap_err().to_string();
        assert_eq!(error, "`sleep 60` took longer than 100ms");
        assert!(run_within(Duration::from_secs(60), &mut program("true")).is_ok());
        assert!(run_within(Duration::from_secs(60), &mut program("false")).is_err());
    }
}
