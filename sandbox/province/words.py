"""Names and streets, mixed as this province mixes Dayak, Banjar, Javanese and others."""

MEN = (  # noqa: SIM905 -- a wall of quotes reads worse
    "Agau Ahmad Aldi Andi Anton Arif Asep Bahrun Bambang Benyamin Bonifasius Budi Dadang Darius "
    "Dedi Didik Djunaidi Edo Eko Elias Fajar Fransiskus Gunawan Hadi Handoko Hariyanto Hendra "
    "Herman Ideham Imanuel Irwan Iwan Jailani Jamhari Jefri Johansyah Joko Junaidi Kardie "
    "Kasmir Kornelius Lambung Lukas Mahmud Markus Marlin Misran Muhammad Nanang Nikodemus Norman "
    "Oktavianus Pandi Petrus Purwanto Rahmat Rambang Ridwan Rudi Rusdi Sabran Sahrani Salundik "
    "Samsudin Sarwo Sembiring Silas Simpei Slamet Sugeng Suhardi Supardi Suriansyah Sutrisno "
    "Syahrani Tarung Teguh Tiel Timotius Tono Tundan Untung Usop Wahyudi Wardi Wawan Yansen "
    "Yohanes Yudi Yusuf Zainal"
).split()
WOMEN = (  # noqa: SIM905 -- a wall of quotes reads worse
    "Agustina Aisyah Ani Anita Aprilia Bawi Bety Christina Dahlia Dayang Dewi Diana Dina Eka Elly "
    "Endang Erna Esther Evi Fatimah Fitri Hadijah Halimah Hartati Hayati Helmi Herlina Ida Indah "
    "Intan Irawati Jumiati Kartini Katarina Lamiang Lestari Lidia Lili Lisa Magdalena Maharani "
    "Maimunah Maria Mariati Marlina Martha Megawati Mina Mulyani Murni Nila Nina Norhayati Norlela "
    "Nurjanah Nurul Paulina Purnama Putri Rahmawati Ratna Rina Riska Rosita Rusmini Salasiah Sari "
    "Selvi Siti Sri Sulastri Sumiati Suryani Susilawati Tati Theresia Titin Tiwi Tri Umi Uria "
    "Veronika Wahidah Wati Yanti Yuliana Yuni Zubaidah"
).split()
LASTS = (  # noqa: SIM905 -- a wall of quotes reads worse
    "Abdullah Ahad Aman Anwar Asang Awang Bahan Bangas Baru Binti Dehen Dohong Efendi Elbaar "
    "Gani Garang Hakim Halim Hidayat Ibrahim Jaya Junas Kaharap Kurniawan Kusuma Lambut Linggi "
    "Mahar Mihing Nahan Narang Ngabut Nugroho Nyahu Pahan Penyang Prasetyo Purba Rahman Ramadhan "
    "Rasyid Runting Saleh Sangen Santoso Saputra Setiawan Siregar Sawang Suan Susanto Syahputra "
    "Tarigan Timang Toepak Uda Umar Unjung Utomo Wibowo Widodo Wijaya Yasin Yunus"
).split()
#: Latin-1 letters as they really turn up, from the registers of the missions.
ACCENTED = ("José", "René", "Françoise", "André", "Thérèse", "Agnès", "Zoé")
STREETS = (
    "Jl. Pelabuhan",
    "Jl. Tjilik Riwut",
    "Jl. Temanggung Tilung",
    "Jl. Merdeka",
    "Jl. Pasar Lama",
    "Jl. Trans Kalimantan",
    "Gg. Keluarga",
    "Gg. Damai",
    "Jl. Bukit Raya",
    "Jl. Sungai",
)
ANCHORS = (
    "dekat dermaga desa",
    "belakang balai basarah",
    "samping langgar Al-Ikhlas",
    "di hilir jembatan gantung",
    "dekat pasar lama",
    "di muara sungai kecil",
    "seberang kantor desa",
)
MONTHS = (  # noqa: SIM905 -- a wall of quotes reads worse
    "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember"
).split()
