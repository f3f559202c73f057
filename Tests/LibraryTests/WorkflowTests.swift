import Foundation
import TestSupport
import Testing
import Yams

/// The workflows for GitHub call what is there. Whether GitHub takes them only GitHub says.
@Suite struct WorkflowTests {
  /// A value of YAML whose keys are all words: `on` would be a truth value otherwise.
  private struct Value {
    let node: Node

    var text: String? { node.scalar?.string }
    var list: [Value] { node.sequence?.map { Value(node: $0) } ?? [] }
    var keys: [String] { node.mapping?.keys.compactMap { $0.scalar?.string } ?? [] }

    subscript(_ path: String...) -> Value? {
      path.reduce(self) { value, key in
        value?.node.mapping?.first { $0.key.scalar?.string == key }.map { Value(node: $0.value) }
      }
    }
  }

  private static let folder = Repository.path(".github/workflows")
  private static let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []

  private func workflow(_ file: String) throws -> Value {
    let text = try String(contentsOfFile: "\(Self.folder)/\(file)", encoding: .utf8)
    return Value(node: try #require(try Yams.compose(yaml: text)))
  }

  @Test func thereAreSome() {
    #expect(
      Set(Self.files).isSuperset(
        of: ["ci.yml", "macos.yml", "sanitizers.yml", "interop.yml", "fuzz.yml"]))
  }

  @Test(arguments: files) func itIsStartedAndMayOnlyRead(file: String) throws {
    let workflow = try workflow(file)
    #expect(
      workflow.keys.allSatisfy {
        ["name", "on", "permissions", "concurrency", "env", "jobs"].contains($0)
      })
    let triggers = try #require(workflow["on"])
    #expect(triggers.keys.contains("workflow_dispatch"))
    #expect(
      triggers.keys.allSatisfy {
        ["push", "pull_request", "schedule", "workflow_dispatch"].contains($0)
      })
    for time in triggers["schedule"]?.list ?? [] {
      #expect(time["cron"]?.text?.wholeMatch(of: /[0-9]+ [0-9]+ \* \* [0-6]/) != nil)
    }
    #expect(workflow["permissions"]?.keys == ["contents"])
    #expect(workflow["permissions", "contents"]?.text == "read")
    #expect(workflow["concurrency", "group"]?.text?.isEmpty == false)
  }

  @Test(arguments: files) func itsJobsRunWhereTheyCan(file: String) throws {
    let jobs = try #require(try workflow(file)["jobs"])
    #expect(!jobs.keys.isEmpty)
    for name in jobs.keys {
      let job = try #require(jobs[name])
      #expect(
        job.keys.allSatisfy {
          ["needs", "strategy", "runs-on", "container", "timeout-minutes", "steps"].contains($0)
        }, "\(name)")
      let needs = job["needs"]?.list.compactMap(\.text) ?? []
      #expect(Set(jobs.keys).subtracting([name]).isSuperset(of: needs), "\(name)")
      #expect((1...360).contains(Int(job["timeout-minutes"]?.text ?? "") ?? 0), "\(name)")
      var runners = [job["runs-on"]?.text ?? ""]
      if runners == ["${{ matrix.runner }}"] {
        runners = job["strategy", "matrix", "runner"]?.list.compactMap(\.text) ?? []
      }
      #expect(!runners.isEmpty)
      for runner in runners {
        #expect(["ubuntu-24.04", "ubuntu-24.04-arm", "macos-26"].contains(runner), "\(name)")
        // As the rest of the project, Swift 6.3 on Debian 12.
        let image = job["container", "image"]?.text ?? job["container"]?.text
        #expect(image == (runner.hasPrefix("ubuntu") ? "swift:6.3-bookworm" : nil), "\(name)")
      }
    }
  }

  @Test(arguments: files) func itsStepsAreTargets(file: String) throws {
    let makefile = try Makefile(in: "")
    let jobs = try #require(try workflow(file)["jobs"])
    for name in jobs.keys {
      let steps = jobs[name, "steps"]?.list ?? []
      #expect(steps.first?["uses"]?.text?.hasPrefix("actions/checkout@") == true, "\(name)")
      var made = 0
      for step in steps {
        guard let run = step["run"]?.text else {
          let action = try #require(step["uses"]?.text, "\(name)")
          #expect(
            action.wholeMatch(of: /actions\/(checkout|cache|upload-artifact)@v[0-9]+/) != nil,
            "\(name): \(action)")
          continue
        }
        // What comes before a makefile can be read.
        if run.hasPrefix("apt-get update -qq && apt-get install ") { continue }
        let words = run.split(separator: " ").map(String.init)
        #expect(words.first == "make" && words.count >= 2, "\(name): \(run)")
        #expect(makefile.targets.contains(words[1]), "\(name): \(run)")
        for setting in words.dropFirst(2) {
          let variable = String(setting.split(separator: "=")[0])
          #expect(makefile.variables.contains(variable), "\(name): \(run)")
        }
        made += 1
      }
      #expect(made >= 1, "\(name)")
    }
  }
}
