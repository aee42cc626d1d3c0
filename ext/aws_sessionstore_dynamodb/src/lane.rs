//! Where a thread of Ruby makes its calls itself.

use crate::ffi::without_global_lock;
use crate::process::{Process, no_runtime};
use magnus::{Error, Ruby};
use std::future::{Future, poll_fn};
use std::io::{self, Write};
use std::os::unix::net::UnixStream as Socket;
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::task::Poll;
use std::time::Duration;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::UnixStream;
use tokio::runtime::{Builder, Runtime};
use tokio::task::{JoinError, JoinHandle, spawn, yield_now};
use tokio::time::sleep;

/// A runtime that works only while a thread waits for a call, on that thread, with the connections that were made on it.
/// There are as many as calls have ever been under way at once.
pub(crate) struct Lane {
    runtime: Runtime,
    /// What is written to `interrupt` wakes who waits for `interrupted`. Ruby may interrupt in a signal handler, where
    /// nothing is allowed but to write to a file.
    interrupt: Arc<Socket>,
    interrupted: UnixStream,
}

/// The runtime makes a system call for each timer that is to ring before all others. With one that rings this often
/// those of a call, which are longer, never do.
const TICK: Duration = Duration::from_millis(100);

impl Lane {
    fn new() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (interrupt, interrupted) = Socket::pair()?;
        interrupt.set_nonblocking(true)?;
        interrupted.set_nonblocking(true)?;
        let interrupted = {
            let _context = runtime.enter();
            UnixStream::from_std(interrupted)?
        };
        runtime.spawn(async {
            loop {
                sleep(TICK).await;
            }
        });
        Ok(Self { runtime, interrupt: Arc::new(interrupt), interrupted })
    }

    fn take(ruby: &Ruby, process: &Process) -> Result<Self, Error> {
        // The last one that was used: its connections are the least likely to have been closed.
        let free = process.lanes.lock().unwrap_or_else(PoisonError::into_inner).pop();
        free.map_or_else(Self::new, Ok).map_err(|error| no_runtime(ruby, &error))
    }

    fn give_back(self, process: &Process) {
        process.lanes.lock().unwrap_or_else(PoisonError::into_inner).push(self);
    }

    /// Works until the task has its result, or Ruby interrupts: then there is none.
    fn work<T>(&mut self, task: &mut JoinHandle<T>) -> Option<Result<T, JoinError>> {
        let interrupted = &mut self.interrupted;
        self.runtime.block_on(poll_fn(|context| {
            if let Poll::Ready(result) = Pin::new(&mut *task).poll(context) {
                return Poll::Ready(Some(result));
            }
            let mut bytes = [0; 64];
            Pin::new(&mut *interrupted).poll_read(context, &mut ReadBuf::new(&mut bytes)).map(|_| None)
        }))
    }
}

/// Runs `future` on this thread, while Ruby runs others. An interrupt (`Timeout`, `Thread#kill`, Ctrl-C) takes effect at
/// once and drops the future.
pub(crate) fn run<F>(ruby: &Ruby, process: &Process, future: F) -> Result<F::Output, Error>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let mut lane = Lane::take(ruby, process)?;
    let interrupt = Arc::clone(&lane.interrupt);
    // What wakes a task that was started on its runtime costs no system call. All else does.
    #[expect(clippy::async_yields_async, reason = "a task is started on a runtime only from within")]
    let mut task = lane.runtime.block_on(async { spawn(after_news(future)) });
    let result = loop {
        match without_global_lock(ruby, || lane.work(&mut task), &|| drop((&*interrupt).write(&[1]))) {
            Some(Some(result)) => break result.map_err(|error| without_result(ruby, &error)),
            // It may have been for something else, a signal for example.
            Some(None) | None => {
                if let Err(interrupt) = ruby.thread_check_ints() {
                    task.abort();
                    // So that it is dropped now, and what it has opened is closed.
                    lane.runtime.block_on(yield_now());
                    break Err(interrupt);
                }
            }
        }
    };
    lane.give_back(process);
    result
}

/// What has happened since the last call is to be known before the next: connections that were closed, timers that ran
/// out. Once for the system's news, once for the tasks that they are for.
async fn after_news<F: Future>(future: F) -> F::Output {
    yield_now().await;
    yield_now().await;
    future.await
}

fn without_result(ruby: &Ruby, error: &JoinError) -> Error {
    Error::new(ruby.exception_runtime_error(), format!("the call ended without a result; please report this: {error}"))
}
