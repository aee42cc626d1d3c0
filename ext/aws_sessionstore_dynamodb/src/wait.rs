//! Where a call is made by others, and this thread or fiber of Ruby waits for it.

use crate::process::Process;
use magnus::value::ReprValue;
use magnus::{Error, Ruby, Value};
use session_store_core::{Answer, Reply, Transport};
use std::future::Future;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::sync::{Arc, PoisonError};
use tokio::sync::oneshot;

/// A pair of sockets that says that something has happened. Both ends are kept together: a ring after the waiter has
/// gone must not meet a closed socket.
pub(crate) struct Bell {
    reader: UnixStream,
    writer: UnixStream,
}

impl Bell {
    fn new() -> std::io::Result<Self> {
        let (reader, writer) = UnixStream::pair()?;
        // A scheduler may wake a fiber for nothing, and then a read must not block the whole of Ruby.
        reader.set_nonblocking(true)?;
        writer.set_nonblocking(true)?;
        Ok(Self { reader, writer })
    }

    fn ring(&self) {
        // Full of rings that nobody has heard yet, it rings anyway.
        let _ = (&self.writer).write(&[1]);
    }

    /// A ring that was heard is taken off; one that comes late wakes the next waiter for nothing, which does no harm.
    fn silence(&self) {
        let _ = (&self.reader).read(&mut [0; 64]);
    }
}

/// Runs `future` on the runtime and waits for its result on a file descriptor, as Ruby waits for any socket: other
/// threads and, under a scheduler, other fibers run meanwhile, and an interrupt (`Timeout`, `Thread#kill`, Ctrl-C)
/// takes effect at once and drops the future.
///
/// Where requests go to a Ruby `client`, they are made here, by the thread that waits: see [`Delegate`]. What it raises
/// ends the call as it is.
pub(crate) fn wait<F>(
    ruby: &Ruby,
    process: &'static Process,
    client: Option<Value>,
    future: F,
) -> Result<F::Output, Error>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let runtime = process.runtime(ruby)?;
    let bell = take_bell(ruby, process)?;
    let (sender, result) = channel();
    let (ask, asked) = channel();
    let returned = Returned { sender: Some(sender), bell: Arc::clone(&bell) };
    let caller = Caller { ask, bell: Arc::clone(&bell) };
    let task = runtime.spawn(CALLER.scope(caller, async move { returned.send(future.await) }));
    loop {
        let step = ruby.thread_wait_fd(&bell.reader).and_then(|()| {
            bell.silence();
            serve(&asked, client)?;
            received(ruby, &result)
        });
        match step {
            Ok(None) => {}
            Ok(Some(result)) => {
                process.bells.lock().unwrap_or_else(PoisonError::into_inner).push(bell);
                return Ok(result);
            }
            Err(interrupt) => {
                task.abort();
                return Err(interrupt);
            }
        }
    }
}

fn serve(asked: &Receiver<Ask>, client: Option<Value>) -> Result<(), Error> {
    let Some(client) = client else {
        return Ok(());
    };
    for Ask { operation, body, answer } in asked.try_iter() {
        let (status, body) = client.funcall("call", (operation, body))?;
        let _ = answer.send(Reply { status, body });
    }
    Ok(())
}

/// `None`: Ruby woke up for something else.
fn received<T>(ruby: &Ruby, result: &Receiver<T>) -> Result<Option<T>, Error> {
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
    Bell::new().map(Arc::new).map_err(|error| failure(ruby, &format!("no sockets to wait on: {error}")))
}

fn failure(ruby: &Ruby, message: &str) -> Error {
    Error::new(ruby.exception_runtime_error(), message.to_owned())
}

/// The task's end of a call. However the task ends (done, panicked, dropped), the bell rings last.
struct Returned<T> {
    sender: Option<Sender<T>>,
    bell: Arc<Bell>,
}

impl<T> Returned<T> {
    fn send(mut self, result: T) {
        if let Some(sender) = self.sender.take() {
            let _ = sender.send(result);
        }
    }
}

impl<T> Drop for Returned<T> {
    fn drop(&mut self) {
        drop(self.sender.take());
        self.bell.ring();
    }
}

tokio::task_local! {
    /// The thread that waits for the task at work.
    static CALLER: Caller;
}

struct Caller {
    ask: Sender<Ask>,
    bell: Arc<Bell>,
}

/// A request that the waiting thread is to make.
struct Ask {
    operation: String,
    body: String,
    answer: oneshot::Sender<Reply>,
}

/// Requests go to a client object of Ruby's. Ruby runs on its own threads only, so the one that waits for the call makes
/// them.
#[derive(Debug)]
pub(crate) struct Delegate;

impl Transport for Delegate {
    fn answer(&self, operation: String, body: String) -> Answer {
        Box::pin(async move {
            let (answer, answered) = oneshot::channel();
            CALLER
                .try_with(|caller| {
                    let _ = caller.ask.send(Ask { operation, body, answer });
                    caller.bell.ring();
                })
                .map_err(|_| "no thread waits to call dynamo_db_client".to_owned())?;
            answered.await.map_err(|_| "the call of dynamo_db_client was interrupted".to_owned())
        })
    }
}
