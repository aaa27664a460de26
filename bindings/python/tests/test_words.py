"""Wrong arguments, settings and libraries: each gets one sentence in Python's words, never a ctypes traceback."""

import os
import pickle
import tempfile
import unittest

from support import PACKAGE, SMALL, Case, python, sketch, t2i
from t2i import _native as native
from t2i import _words as words
from t2i import errors


class Arguments(Case):
    def test_each_wrong_argument_is_named(self):
        cases = [
            (TypeError, "prompt_text must be a str, is int", {"prompt_text": 5}),
            (TypeError, "prompt_text must be a str, is bytes", {"prompt_text": b"a fox"}),
            (TypeError, "ratio must be a str, is tuple", {"ratio": (64, 64)}),
            (TypeError, "model must be a str, is list", {"model": []}),
            (TypeError, "seed must be an int, is str", {"seed": "7"}),
            (TypeError, "seed must be an int, is bool", {"seed": True}),
            (TypeError, "on_progress must be callable, is str", {"on_progress": "yes"}),
            (TypeError, "deadline must be a number of seconds or None, is str", {"deadline": "1"}),
            (ValueError, "deadline must be 0 or more seconds, is -1", {"deadline": -1}),
            (ValueError, "deadline must be 0 or more seconds, is nan", {"deadline": float("nan")}),
            (TypeError, "max_millicredits must be an int, is float", {"max_millicredits": 1.5}),
            (ValueError, "max_millicredits must be from 0 to ", {"max_millicredits": 2**63}),
            (TypeError, "reference_images must be a list of dicts", {"reference_images": "a.png"}),
            (TypeError, "reference_images[1] must be a dict", {"reference_images": [{"path": "a"}, "b"]}),
            (TypeError, "reference_images[0]['bytes'] must be bytes, is str", {"reference_images": [{"bytes": "x"}]}),
            (TypeError, "extra['a'][1] must be a str, number, bool, list, dict or path, is set",
             {"extra": {"a": [1, {2}]}}),
            (ValueError, "extra['a'] must be a finite number, is nan", {"extra": {"a": float("nan")}}),
            (TypeError, "a key of extra must be a str, is int", {"extra": {1: 2}}),
            (t2i.InvalidRequest, "is a key no model knows", {"prompt": "a"}),
            (t2i.InvalidRequest, "first half of a surrogate pair", {"prompt_text": "\ud800"}),
            (t2i.InvalidRequest, "ratio:", {"ratio": "9"}),
            (t2i.InvalidRequest, "seed:", {"seed": -1}),
            (t2i.InvalidRequest, "promptText", {"prompt_text": ""}),
        ]
        with sketch() as client:
            for kind, sentence, arguments in cases:
                with self.subTest(arguments):
                    self.refused(kind, sentence, client.submit, **{"prompt_text": "a fox", **arguments})
            self.refused(TypeError, "only submit takes 'bytes'", client.check, "a", reference_images=[{"bytes": b"a"}])
            looped = {}
            looped["a"] = looped
            self.refused(ValueError, "extra contains itself", client.submit, "a fox", extra=looped)
            self.assertEqual(client.tasks(), [])

    def test_waits_and_paths_are_named_too(self):
        with sketch() as client, sketch() as other:
            task = client.submit("a fox", ratio=SMALL).wait()
            self.refused(TypeError, "timeout must be a number of seconds or None, is str", task.wait, "soon")
            self.refused(ValueError, "timeout must be 0 or more", task.wait, -1)
            self.refused(TypeError, "path must be a str or a path, is int", task.outputs[0].save, 5)
            self.refused(TypeError, "path must be a path of str, is bytes", task.outputs[0].save, PathOfBytes())
            self.refused(t2i.InvalidRequest, "path", task.outputs[0].save, "a\0b")
            self.refused(TypeError, "local must be True or False", task.cancel, 2)
            self.refused(TypeError, "each of tasks must be a t2i.Task, is int", client.wait, [1])
            self.refused(ValueError, "belongs to another client", other.wait, [task])
            self.refused(TypeError, "in memory only", os.fspath, task.outputs[0])
            self.assertEqual(task.wait(1e300), task)

    def test_settings(self):
        cases = [
            (t2i.InvalidRequest, "no provider and no key", {}),
            (t2i.InvalidRequest, "provider must be", {"provider": "x y"}),
            (TypeError, "provider must be a str, is int", {"provider": 5}),
            (TypeError, "config must be a dict, is str", {"config": "{}"}),
            (TypeError, "output_dir must be a str or a path, is int", {"output_dir": 5}),
            (TypeError, "output_dir is given twice", {"output_dir": "a", "config": {"outputDir": "b"}}),
            (t2i.MachineError, "/nowhere does not exist", {"provider": "sketch", "output_dir": "/nowhere"}),
            (t2i.InvalidRequest, "no_such: no such setting", {"provider": "sketch", "config": {"no-such": 1}}),
            (t2i.InvalidRequest, "maxPixels", {"provider": "sketch", "max_pixels": 1}),
        ]
        for kind, sentence, settings in cases:
            with self.subTest(settings):
                sentence = sentence.replace("no_such", "no-such")
                self.refused(kind, sentence, t2i.Client, **settings)
        with t2i.Client(config={"provider": "sketch", "paintThreads": 1}) as client:
            self.assertEqual(client.tasks(), [])

    def test_names_become_the_librarys(self):
        document = words.encode({
            "content_moderation": {"public_figure_threshold": "low"}, "budget": {"assume": {"gen4_image": 5}},
            "extra": {"as_it_is": {"too_deep": None}}, "seed": None, "sizes": (1, 2.5, True, None)})
        self.assertEqual(document.decode(), (
            '{"contentModeration":{"publicFigureThreshold":"low"},"budget":{"assume":{"gen4_image":5}},'
            '"extra":{"as_it_is":{"too_deep":null}},"sizes":[1,2.5,true,null]}'))

    def test_unicode_arrives_whole(self):
        prompt = 'Füchse 🦊 "quoted" \\ \n and more'
        with sketch() as client:
            self.assertEqual(client.submit(prompt, ratio=SMALL).json["request"]["promptText"], prompt)


class PathOfBytes:
    def __fspath__(self):
        return b"a.png"


class Errors(Case):
    def test_every_status_has_a_name_and_a_family(self):
        library = t2i.client.library().raw
        ranges = [(-1, -19, t2i.InvalidRequest), (-20, -39, t2i.MachineError), (-40, -59, t2i.NetworkError),
                  (-60, -79, t2i.ServiceError), (-80, -98, t2i.PolicyError), (-99, -99, t2i.InternalError)]
        for code, name in errors.STATUS_NAMES.items():
            self.assertEqual(library.t2i_status_name(code).decode(), name)
        for high, low, kind in ranges:
            for code in range(high, low - 1, -1):
                expected = t2i.ForkedError if code == native.E_FORKED else kind
                self.assertIs(errors.family(code), expected, code)

    def test_the_parts_are_kept_and_pickled(self):
        record = native.Error()
        record.status, record.flags, record.http_status = native.E_HTTP, 3, 503
        record.retry_after_ms, record.sys_code = 1500, 104
        record.where, record.message = b"/ratio", b"the service is away; try later"
        error = pickle.loads(pickle.dumps(errors.from_record(record)))
        self.assertIsInstance(error, t2i.NetworkError)
        self.assertEqual(
            (error.status, error.code, error.where, error.message, error.retryable, error.may_have_spent),
            ("T2I_E_HTTP", -43, "/ratio", "the service is away; try later", True, True))
        self.assertEqual((error.http_status, error.retry_after, error.errno), (503, 1.5, 104))
        self.assertEqual(str(error), "ratio: the service is away; try later")


class Loading(Case):
    def test_a_wrong_library_is_one_sentence(self):
        with tempfile.TemporaryDirectory() as folder:
            text = os.path.join(folder, "libt2i.so.1")
            with open(text, "w") as file:
                file.write("not a library")
            for path, sentence in ((folder + "/none.so", "cannot open shared object file"), (text, "cannot be loaded"),
                                   ("libc.so.6", "is not libt2i")):
                done = python("import t2i\ntry: t2i.models()\nexcept t2i.LibraryError as e: print(e)",
                              environment={"T2I_LIBRARY": path})
                self.assertIn(sentence, done.stdout)
                self.assertIn(path, done.stdout)
                self.assertEqual((done.stdout.count("\n"), done.stderr), (1, ""))
        done = python("import t2i.__main__, sys; sys.exit(t2i.__main__.main())", environment={"T2I_LIBRARY": "/no"})
        self.assertEqual((done.returncode, done.stderr.count("\n")), (1, 1))

    def test_a_library_of_another_version_is_refused(self):
        for change, sentence in (
            ("n.VERSION_MAJOR = 2", "is libt2i 1.0.0, this package needs 2.x"),
            ("n.FUNCTIONS += (('t2i_new', None, ()),)", "has no t2i_new: libt2i 1.0.0 is older than this package"),
        ):
            done = python(f"from t2i import _native as n\n{change}\nimport t2i\n"
                          "try: t2i.models()\nexcept ImportError as e: print(e)")
            self.assertIn(sentence, done.stdout, done.stderr)

    def test_the_order_of_places(self):
        code = "from t2i import _library as l; import os\n{0}\nprint(l.candidates())"
        nowhere = {"T2I_LIBRARY": None}
        done = python(code.format(f"l.PACKAGED = {__file__!r}"), environment=nowhere)
        self.assertIn("the copy inside the package", done.stdout, done.stderr)
        with tempfile.TemporaryDirectory() as tree:
            for path in ("include/t2i.h", ".build/release/libt2i.so"):
                os.makedirs(os.path.join(tree, os.path.dirname(path)))
                open(os.path.join(tree, path), "w").close()
            self.assertIn("the build tree", python(code.format(f"l.TREE = {tree!r}"), environment=nowhere).stdout)
        done = python(code.format("l.TREE = '/nowhere'"), environment=nowhere)
        self.assertIn("the system's libraries", done.stdout)

    def test_the_module_tells_what_it_loaded(self):
        done = python("import runpy; runpy.run_module('t2i', run_name='__main__')")
        self.assertIn(f"package  {t2i.__version__} in {os.path.join(PACKAGE, 't2i')}", done.stdout)
        self.assertIn(f"library  {t2i.library_version()}: ", done.stdout)
        self.assertIn("build    libt2i", done.stdout)


if __name__ == "__main__":
    unittest.main()
