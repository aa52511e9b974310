"""Addresses and forms that nobody types by accident: each gets an answer, none a traceback."""

import pytest

from betang.accounts.models import User

#: Digits to `str.isdigit`, and no number to `int`; and a number too long for `int`.
NO_NUMBERS = ("²²²²", "９９９９²", "9" * 5_000, "-1", "6203.0", "")


class TestAddress:
    @pytest.mark.parametrize("text", NO_NUMBERS)
    @pytest.mark.parametrize(
        "path",
        [
            "/keluarga/?wilayah=", "/keluarga/?bentuk=csv&wilayah=", "/kartu/?wilayah=",
            "/penyaluran/?hal=",
        ],
    )  # fmt: skip
    def test_with_what_is_no_number_opens(self, sign_in, path, text):
        assert sign_in("dinsos_province").get(path + text).status_code == 200

    @pytest.mark.parametrize("text", [*NO_NUMBERS[:-1], "1", "akhir2", "AAAA", "A" * 4_000])
    @pytest.mark.parametrize(
        ("path", "told"),
        [
            ("/keluarga/?hal=", "Alamat halaman daftar ini tidak dikenal"),
            ("/kartu/?urut=-diserahkan&hal=", "Alamat halaman daftar ini tidak dikenal"),
            ("/pengguna/?hal=", "Alamat halaman daftar ini tidak dikenal"),
            ("/keluarga/?cari=", "tidak berlaku (lagi) untuk akun Anda"),
            ("/kartu/?cari=", "tidak berlaku (lagi) untuk akun Anda"),
        ],
    )
    def test_of_a_place_or_a_search_that_we_never_made_is_refused(self, sign_in, path, told, text):
        answer = sign_in("dinsos_province").get(path + text)

        assert answer.status_code == 400
        assert told in answer.content.decode()

    @pytest.mark.parametrize("text", NO_NUMBERS)
    @pytest.mark.parametrize("path", ["/keluarga/", "/kartu/"])
    def test_of_a_search_for_what_is_no_number_opens(self, sign_in, path, text):
        answer = sign_in("dinsos_province").post(
            "/cari/", {"ke": path, "cari": text, "wilayah": text}, follow=True
        )

        assert answer.status_code == 200


class TestForm:
    @pytest.mark.parametrize("text", NO_NUMBERS[:-1])
    def test_refuses_an_area_that_is_no_number(self, sign_in, text):
        clerk = sign_in("dinsos_province")
        person = User.objects.get(username="dinsos_province.provinsi")

        answer = clerk.post(f"/pengguna/{person.uuid}/peran/", {"role": "viewer", "area": text})

        assert answer.status_code == 422

    @pytest.mark.parametrize("text", NO_NUMBERS)
    def test_refuses_a_run_that_is_no_number(self, sign_in, text):
        answer = sign_in("dinsos_province").post("/sk/usul/", {"run": text, "area": "62"})

        assert answer.status_code == 422

    @pytest.mark.parametrize("text", ["", "x", "202601", "0" * 31])
    def test_refuses_a_cycle_that_has_no_such_name(self, sign_in, text):
        answer = sign_in("dinsos_province").post("/penyaluran/siapkan/", {"cycle": text})

        assert answer.status_code == 404

    def test_refuses_a_name_that_no_column_holds(self, sign_in):
        answer = sign_in("admin").post(
            "/pengguna/baru/",
            {"username": "sari", "full_name": "x" * 500, "password": "tiga perahu biru"},
        )

        assert answer.status_code == 422
        assert not User.objects.filter(username="sari").exists()
