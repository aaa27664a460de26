// Jobs by their handles, of all clients of the process: what a host's provider keeps is a number, and whether the job
// still exists is asked at each call.

package import Core
import Platform

package enum JobTable {
  private static let jobs = Locked(HandleTable<HostJob>())

  static func open(_ job: HostJob) throws(Failure) -> Handle {
    let handle = jobs.withLock { $0.insert(.job, serial: Serial.next(), job) }
    guard let handle else { throw Failure(.limit, "1,048,576 jobs are open in this process; finish some") }
    return handle
  }

  package static func job(_ handle: Handle) throws(Failure) -> HostJob {
    if let job = jobs.withLock({ $0[handle] }) { return job }
    guard handle.kind == .job else {
      throw Failure(
        .handle, at: "j", "this is not a job's handle; a provider's start and resume are given one")
    }
    throw HostJob.over
  }

  package static func close(_ handle: Handle) {
    // Its last reference may be the table's; what goes with it goes outside of the lock.
    _ = jobs.withLock { $0.remove(handle) }
  }

  static func closeAll(of outbox: HostJob.Outbox) -> [HostJob] {
    jobs.withLock { jobs in
      var gone: [(Handle, HostJob)] = []
      jobs.forEach { handle, job in if job.outbox === outbox { gone.append((handle, job)) } }
      for (handle, _) in gone { jobs.remove(handle) }
      return gone.map { $0.1 }
    }
  }
}
