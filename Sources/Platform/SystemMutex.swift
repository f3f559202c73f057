/// The system's lock, where what it guards belongs to several objects.
///
/// `Synchronization.Mutex` would do, but the thread sanitizer does not see it.
///
/// Unchecked, because of the pointer, which never changes; what it points at is for several threads.
package final class SystemMutex: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

  package init() { pthread_mutex_init(mutex, nil) }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Does something while no other thread is inside this.
  package func withLock<Result>(_ body: () throws -> Result) rethrows -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body()
  }
}
