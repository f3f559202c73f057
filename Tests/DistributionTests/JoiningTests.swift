import NeuralNetwork
import Testing

@testable import Distribution

/// Joining where no library of MPI is called: what it calls needs a launcher (`make test-mpi`).
@Suite struct JoiningTests {
  private static let ranks = ["OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "0"]

  private func join(_ variables: [String: String]) throws(RanksError) -> MPIRanks? {
    try MPIRanks.join(timeout: .seconds(60)) { variables[$0] }
  }

  @Test("There are no ranks without a launcher, and none with MINICNN_MPI=none")
  func alone() throws {
    #expect(try join([:]) == nil)
    #expect(try join(["MINICNN_MPI": "/nowhere/libmpi.so"]) == nil)
    #expect(try join(Self.ranks.merging(["MINICNN_MPI": "none"]) { $1 }) == nil)
    #expect(MPIWish { _ in "" } == .launchers)
  }

  @Test("A library that is not there is named")
  func missing() {
    #expect(
      throws: RanksError(
        "MINICNN_MPI names no library of MPI: /nowhere/libmpi.so: cannot open shared object file: No such "
          + "file or directory")
    ) { try join(Self.ranks.merging(["MINICNN_MPI": "/nowhere/libmpi.so"]) { $1 }) }
  }

  @Test("A library that is not one of MPI is named")
  func another() {
    #expect(
      throws: RanksError(
        "MINICNN_MPI names no library of MPI: libz.so.1: it has no function MPI_Get_library_version"
      )
    ) { try join(Self.ranks.merging(["MINICNN_MPI": "libz.so.1"]) { $1 }) }
  }

  @Test(
    "Without any library a sentence says what to install",
    arguments: [
      (Launcher.Family.openMPI, "Open MPI's mpirun", "openmpi-bin"),
      (.mpich, "MPICH's mpirun", "mpich"),
    ])
  func none(family: Launcher.Family, name: String, package: String) {
    let launcher = Launcher(name: name, count: 2, rank: 0, family: family)
    #expect(
      throws: RanksError(
        "\(name) has started 2 processes, but there is no library of MPI to join them with: install "
          + "\(package), name the library in MINICNN_MPI, or run without a launcher")
    ) { try MPILibrary.open(["libnot-there.so.1", "/nowhere/libmpi.so.40"], for: launcher) }
  }

  @Test("A library that is there and cannot be used is mentioned")
  func unusable() {
    let launcher = Launcher(name: "a launcher", count: nil, rank: 0, family: .mpich)
    #expect(
      throws: RanksError(
        "a launcher has started this process, but there is no library of MPI to join them with (libz.so.1: "
          + "it has no function MPI_Get_library_version): install mpich, name the library in MINICNN_MPI, "
          + "or run without a launcher")
    ) { try MPILibrary.open(["libnot-there.so.1", "libz.so.1"], for: launcher) }
  }

  #if os(Linux)
    @Test("The launcher's own installation comes first, and its kind before the other")
    func candidates() {
      #expect(
        MPILibrary.candidates(for: .openMPI, beside: ["/opt/mpi/lib", "/opt/mpi/lib64"]) == [
          "/opt/mpi/lib/libmpi.so.40", "/opt/mpi/lib/libmpi_abi.so.1",
          "/opt/mpi/lib/libmpi_abi.so.0", "/opt/mpi/lib/libmpich.so.12",
          "/opt/mpi/lib/libmpi.so.12",
          "/opt/mpi/lib64/libmpi.so.40", "/opt/mpi/lib64/libmpi_abi.so.1",
          "/opt/mpi/lib64/libmpi_abi.so.0", "/opt/mpi/lib64/libmpich.so.12",
          "/opt/mpi/lib64/libmpi.so.12",
          "libmpi.so.40", "libmpi_abi.so.1", "libmpi_abi.so.0", "libmpich.so.12",
          "libmpi.so.12",
        ])
      #expect(MPILibrary.candidates(for: .mpich, beside: []).last == "libmpi.so.40")
    }
  #endif

  @Test(
    "A time-out that is no number of seconds is refused", arguments: ["soon", "0", "-1", "nan"])
  func timeout(text: String) {
    #expect(
      throws: RanksError("MINICNN_MPI_TIMEOUT is \"\(text)\", not a number of seconds")
    ) { try join(Self.ranks.merging(["MINICNN_MPI_TIMEOUT": text]) { $1 }) }
  }

  @Test("A library's version is told in short")
  func version() {
    #expect(
      MPILibrary.shortened("Open MPI v4.1.4, package: Debian OpenMPI, ident: 4.1.4")
        == "Open MPI v4.1.4")
    #expect(
      MPILibrary.shortened("MPICH Version:\t4.0.2\nMPICH Release date:\tThu Apr  7")
        == "MPICH 4.0.2")
  }
}
