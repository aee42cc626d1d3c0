//! The only point at which the gem waits.

use crate::process::Process;
use magnus::{Error, Ruby};
use std::future::Future;
use std::io::{PipeReader, PipeWriter, Read, Write, pipe};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::sync::{Arc, PoisonError};

/// A pipe that says that something has happened. Both ends are kept together: a ring after the waiter has gone must not
/// meet a closed pipe.
pub(crate) struct Bell {
    reader: PipeReader,
    writer: PipeWriter,
}

impl Bell {
    fn ring(&self) {
        // A pipe takes a byte unless thousands lie in it unread, and then it rings anyway.
        let _ = (&self.writer).write(&[1]);
    }

    fn silence(&self) -> std::io::Result<usize> {
        (&self.reader).read(&mut [0])
    }
}

/// Runs `future` on the runtime and waits for its result on a file descriptor, as Ruby waits for any socket: other
/// threads and, under a scheduler, other fibers run meanwhile, and an interrupt (`Timeout`, `Thread#kill`, Ctrl-C)
/// takes effect at once and drops the future.
pub(crate) fn wait<F>(ruby: &Ruby, process: &'static Process, future: F) -> Result<F::Output, Error>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let bell = take_bell(ruby, process)?;
    let (sender, result) = channel();
    let reply = Reply { sender: Some(sender), bell: Arc::clone(&bell) };
    let task = process.runtime.spawn(async move { reply.send(future.await) });
    loop {
        if let Err(interrupt) = ruby.thread_wait_fd(&bell.reader) {
            task.abort();
            // The bell may still be rung: it is not used again.
            return Err(interrupt);
        }
        if let Some(result) = answer(ruby, &result)? {
            bell.silence().map_err(|error| failure(ruby, &error.to_string()))?;
            process.bells.lock().unwrap_or_else(PoisonError::into_inner).push(bell);
            return Ok(result);
        }
    }
}

/// `None`: Ruby woke up for nothing.
fn answer<T>(ruby: &Ruby, result: &Receiver<T>) -> Result<Option<T>, Error> {
    match result.try_recv() {
        Ok(result) => Ok(Some(result)),
        Err(TryRecvError::Empty) => Ok(None),
        Err(TryRecvError::Disconnected) => Err(failure(ruby, "the call ended without a result; please report this")),
    }
}

fn take_bell(ruby: &Ruby, process: &'static Process) -> Result<Arc<Bell>, Error> {
    if let Some(bell) = process.bells.lock().unwrap_or_else(PoisonError::into_inner).pop() {
        return Ok(bell);
    }
    let (reader, writer) = pipe().map_err(|error| failure(ruby, &format!("no pipe to wait on: {error}")))?;
    Ok(Arc::new(Bell { reader, writer }))
}

fn failure(ruby: &Ruby, message: &str) -> Error {
    Error::new(ruby.exception_runtime_error(), message.to_owned())
}

/// The task's end of a call. However the task ends (done, panicked, dropped), the bell rings last.
struct Reply<T> {
    sender: Option<Sender<T>>,
    bell: Arc<Bell>,
}

impl<T> Reply<T> {
    fn send(mut self, result: T) {
        if let Some(sender) = self.sender.take() {
            let _ = sender.send(result);
        }
    }
}

impl<T> Drop for Reply<T> {
    fn drop(&mut self) {
        drop(self.sender.take());
        self.bell.ring();
    }
}
