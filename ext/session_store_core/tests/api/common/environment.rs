//! Processes and files of a test's own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

const CHILD: &str = "SESSION_STORE_CORE_TEST";

/// Runs the test of this name in as many processes of its own at once, with nothing but `environment`, and checks that
/// it succeeds in each. `true` in such a process: what the test has to do, it does there.
pub(crate) fn in_processes(count: usize, test: &str, environment: &[(&str, &str)]) -> bool {
    if std::env::var(CHILD).is_ok() {
        return true;
    }
    let start = || {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", test]).env_clear().env(CHILD, "1").envs(environment.iter().copied());
        command.stdout(Stdio::piped()).spawn().unwrap()
    };
    let children: Vec<_> = (0..count).map(|_| start()).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{test} failed in a process of its own: {printed}");
        assert!(printed.contains("1 passed"), "no test has the name {test}: {printed}");
    }
    false
}

/// A new folder that goes away with this value.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("session_store_core-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // That temporary files stay is no reason to fail.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
